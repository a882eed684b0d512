//! Confidential cases: who reported is kept apart from what was reported (PRACTICE 13).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Action, Case, CaseEvent, CaseRefusal, Confidentiality, Context, Decided, Decision, Grouping, Rulebook, Words,
};

/// Makes a case confidential, or names anew who may see who reported. Who: `case.confide` at the desk; once confidential, one
/// of those named. State: any, not grouped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MakeConfidential {
    pub confidentiality: Confidentiality,
    pub reason: Words,
}

impl MakeConfidential {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        cx.require_desk(case, Action::Confide)?;
        if let (Some(_), Some(person)) = (&case.confidentiality, cx.caller.hand.person())
            && !case.lets_see_reporter(person, cx.caller.hand.organization())
        {
            return Err(CaseRefusal::NotNamed);
        }
        if self.confidentiality.named.is_empty() {
            return Err(CaseRefusal::NobodyNamed);
        }
        if case.group != Grouping::Alone {
            return Err(CaseRefusal::ConfidentialStaysAlone);
        }
        let unit = self.confidentiality.complained_of.as_deref();
        if let Some(assigned) =
            case.standing().find(|one| unit.is_some_and(|unit| cx.book.is_under(unit, &one.organization)))
        {
            return Err(CaseRefusal::ComplainedOf { organization: assigned.organization.clone() });
        }
        let confidentiality = self.confidentiality.barring(cx.book);
        Decided::new(cx, CaseEvent::MadeConfidential { confidentiality }).says(cx, "reason", &self.reason).alone()
    }
}

impl Confidentiality {
    /// With the organizations that are kept from the case, by the tree as it stands.
    pub(crate) fn barring(&self, book: &Rulebook) -> Confidentiality {
        let related = |unit: &String| -> BTreeSet<String> {
            let codes = book.organizations.keys();
            codes.filter(|code| book.is_under(code, unit) || book.is_under(unit, code)).cloned().collect()
        };
        let barred = self.complained_of.as_ref().map(related).unwrap_or_default();
        Confidentiality { barred, ..self.clone() }
    }
}

impl Case {
    /// Whether this person, acting for this organization, may see who reported. On a confidential case only those named,
    /// and never anyone of the unit complained of, above it or within it. Other cases leave it to the caller's scope.
    pub fn lets_see_reporter(&self, person: &str, organization: Option<&str>) -> bool {
        let Some(confidentiality) = &self.confidentiality else { return true };
        let barred = match organization {
            Some(own) => confidentiality.barred.contains(own),
            None => confidentiality.complained_of.is_some(),
        };
        confidentiality.named.contains(person) && !barred
    }

    /// Whether the case may turn up in search, suggestions, briefs and duplicate hints.
    pub fn is_findable(&self) -> bool {
        self.confidentiality.is_none()
    }
}
