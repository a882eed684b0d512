//! Cases as they can be found: what they are called, and what people said in them. A confidential case cannot be.

use std::collections::BTreeMap;
use std::sync::Arc;

use district::{Name, Profile};
use journal::{JournalError, Opened, tail};
use search::{Document, Source};
use store::{Bind, Read, Sql};

use super::{Casework, read, rows};
use crate::case::{Case, CaseId};
use crate::resource::resource;

/// The cases, for the index of full text to read.
#[derive(Clone)]
pub struct FindableCases {
    pub casework: Casework,
    pub profile: Arc<Profile>,
}

impl Source for FindableCases {
    fn prefix(&self) -> &'static str {
        "case/"
    }

    async fn documents(&self, streams: Vec<String>) -> Result<Vec<(String, Option<Document>)>, JournalError> {
        let journal = self.casework.journal();
        let ids: Vec<CaseId> = streams.iter().filter_map(|stream| stream.strip_prefix("case/")?.parse().ok()).collect();
        let cases: BTreeMap<String, Case> =
            cases(&mut journal.db(), &ids).await?.into_iter().map(|case| (rows::stream(&case), case)).collect();
        let open: Vec<String> =
            cases.iter().filter(|(_, case)| case.is_findable()).map(|(stream, _)| stream.clone()).collect();
        let facts = tail::of_streams(&mut journal.db(), &open).await?;
        let opened = journal.sealer().open_all(&mut journal.db(), &facts).await?;
        let mut said: BTreeMap<String, Vec<Opened>> = BTreeMap::new();
        for (fact, opened) in facts.into_iter().zip(opened) {
            said.entry(fact.stream).or_default().push(opened);
        }
        let document = |stream: String| {
            let case = cases.get(&stream).filter(|case| case.is_findable());
            let document = case.map(|case| self.document(case, said.remove(&stream).unwrap_or_default()));
            (stream, document)
        };
        Ok(streams.into_iter().map(document).collect())
    }
}

impl FindableCases {
    fn document(&self, case: &Case, said: Vec<Opened>) -> Document {
        let resource = resource(case);
        let mut document = Document {
            number: case.number.clone(),
            titles: titles(case, &self.profile)
                .into_iter()
                .flat_map(|(_, name)| [name.zh.clone(), name.en.clone()])
                .collect(),
            author: resource.author,
            organizations: resource.organizations,
            area: resource.area,
            opened_at: Some(case.opened_at),
            ..Document::default()
        };
        for (field, value) in said.into_iter().flat_map(|opened| opened.fields) {
            let texts = match field.as_str() {
                "name" => &mut document.names,
                "phone" => &mut document.phones,
                "address" => &mut document.addresses,
                _ => &mut document.words,
            };
            texts.push(value.value);
            document.subjects.insert(value.subject);
        }
        document
    }
}

/// What anyone who may read a case sees of it by name: its matter and its areas.
pub(crate) fn titles<'a>(case: &Case, profile: &'a Profile) -> Vec<(&'static str, &'a Name)> {
    let when = case.opened_at;
    let matter = case.matter.as_ref().and_then(|matter| profile.matters.at(&matter.code, when));
    let path = case.place.as_ref().map_or(&[][..], |place| &place.path);
    let areas = path.iter().filter_map(|code| profile.territory.area(code, when));
    matter.map(|matter| ("matter", &matter.name)).into_iter().chain(areas.map(|area| ("area", &area.name))).collect()
}

/// The cases of these ids that there are, in no order.
pub(crate) async fn cases(read: &mut impl Read, ids: &[CaseId]) -> Result<Vec<Case>, JournalError> {
    const LISTED: usize = 500;
    let mut found = Vec::new();
    for some in ids.chunks(LISTED) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let text = format!("select body from case_file where id in ({})", places.join(", "));
        let select = Sql::composed(text).uncached().bind_all(some.iter().map(|id| id.to_string().value()));
        let rows: Vec<(String,)> = read.all(select).await?;
        for row in rows {
            found.push(read::parse(row)?);
        }
    }
    Ok(found)
}
