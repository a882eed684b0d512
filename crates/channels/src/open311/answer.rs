//! A case as the public sees it.

use casework::case::{Case, ClockKey};
use district::Profile;
use district::open311::Open311;
use kernel::Instant;
use kernel::text::{Language, text};

use super::services::{choose, description, matter_name, name};
use super::tree::Tree;

/// What the district says of itself, in which language and when.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub profile: &'a Profile,
    pub offered: &'a Open311,
    pub language: Language,
}

impl View<'_> {
    /// One `request`. `words` are the reporter's, where the profile makes them public.
    pub fn request(&self, case: &Case, updated_at: Instant, words: Option<String>) -> Tree {
        let (language, opened) = (self.language, case.opened_at);
        let matter = case.matter.as_ref().map_or("", |matter| matter.code.as_str());
        let service = self.offered.of_matter(matter);
        let service_name = match service {
            Some(service) => name(self.profile, service, language, opened),
            None => matter_name(self.profile, matter, language, opened),
        };
        let said = words.or_else(|| service.map(|service| description(self.profile, service, language, opened)));
        let notice = service.map(|one| choose(language, &one.notice_zh, &one.notice_en)).filter(|one| !one.is_empty());
        let agency = case.lead().map_or(&case.desk, |lead| &lead.organization);
        let agency = self.profile.organizations.get(agency).map(|found| found.name.in_language(language));
        let point = case.place.as_ref().and_then(|place| place.point).filter(|_| self.offered.publish.point);
        let address = self.areas(case);
        let status = if case.is_closed() { "closed" } else { "open" };
        Tree::fields([
            ("service_request_id", Some(Tree::text(&case.number))),
            ("status", Some(Tree::text(status))),
            ("status_notes", Some(Tree::text(self.status_notes(case)))),
            ("service_name", Some(Tree::text(service_name))),
            ("service_code", Some(Tree::text(service.map_or(matter, |service| service.code.as_str())))),
            ("description", said.map(Tree::Text)),
            ("agency_responsible", agency.map(Tree::text)),
            ("service_notice", notice.map(Tree::text)),
            ("requested_datetime", Some(date(opened))),
            ("updated_datetime", Some(date(updated_at))),
            ("expected_datetime", expected(case).map(date)),
            ("address", Some(Tree::text(address)).filter(|_| case.place.is_some())),
            ("lat", point.map(|point| Tree::Number(point.latitude()))),
            ("long", point.map(|point| Tree::Number(point.longitude()))),
        ])
    }

    /// The areas it lies in, from the smallest to the whole.
    fn areas(&self, case: &Case) -> String {
        let path = case.place.as_ref().map_or(&[][..], |place| &place.path);
        let names = path.iter().rev().filter_map(|code| {
            let area = self.profile.territory.area(code, case.opened_at)?;
            Some(area.name.in_language(self.language))
        });
        names.collect::<Vec<_>>().join(choose(self.language, "，", ", "))
    }

    fn status_notes(&self, case: &Case) -> String {
        let code = match case.closed() {
            Some((closing, _)) => format!("open311-outcome-{}", closing.outcome.name().replace('_', "-")),
            None => format!("open311-state-{}", case.state().name()),
        };
        text(self.language, &code, &Default::default())
    }
}

/// When an answer is owed, or else the handling; none once it is closed.
fn expected(case: &Case) -> Option<Instant> {
    if case.is_closed() {
        return None;
    }
    let reply = case.clocks.get(&ClockKey::Reply).map(|timer| timer.due_at());
    reply.or_else(|| case.due_at())
}

/// To the second, in UTC.
pub fn date(at: Instant) -> Tree {
    let micros = at.micros();
    Tree::text(Instant::from_micros(micros - micros.rem_euclid(1_000_000)).to_string())
}

/// What a caller is told of what it handed in.
pub fn received(fields: [(&'static str, Option<String>); 2], notice: Option<&str>, account_id: Option<&str>) -> Tree {
    let texts = fields.into_iter().map(|(name, value)| (name, value.map(Tree::Text)));
    let rest = [("service_notice", notice.map(Tree::text)), ("account_id", account_id.map(Tree::text))];
    Tree::List("request", vec![Tree::fields(texts.chain(rest))])
}
