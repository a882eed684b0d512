//! How facts make the case. Total: a fact that was decided can always be applied.

use super::{
    Assignment, AssignmentState, Case, CaseEvent, CaseFact, CaseId, Exclusion, Grouping, Letter, NewAssignment,
    Outcome, Outer, Part, Phase, Rating, Registered, Reopening, Report, Request, Sample, Step, Supervision, Visit,
};

impl Case {
    /// The case its first fact opens; none where that is not a registration.
    pub fn open(id: CaseId, fact: &CaseFact) -> Option<Case> {
        let CaseEvent::Registered(registered) = &fact.event else { return None };
        let registered: &Registered = registered;
        Some(Case {
            id,
            version: 1,
            number: registered.number.clone(),
            channel: registered.channel,
            kind: registered.kind,
            reporter: registered.reporter.clone(),
            registered_by: fact.hand.account().map(str::to_owned),
            opened_at: fact.at,
            matter: registered.matter.clone(),
            urgency: registered.urgency,
            place: registered.place.clone(),
            unplaced: registered.unplaced,
            desk: registered.desk.clone(),
            phase: Phase::Registered,
            assignments: Vec::new(),
            coordinator: None,
            group: Grouping::Alone,
            returns: 0,
            returns_rejected: 0,
            reworks: 0,
            reopenings: 0,
            escalations: 0,
            visits: Vec::new(),
            last_visit: None,
            sample: Sample::NotDrawn,
            exclusion: Exclusion::None,
            promise: None,
            outer: registered.outer.as_ref().map(|outer| Outer { order: outer.order.clone(), pending: None }),
            letters: Vec::new(),
            supervision: Vec::new(),
            confidentiality: registered.confidentiality.clone(),
            clocks: fact.clocks.iter().cloned().collect(),
        })
    }

    /// The case after one more fact.
    pub fn apply(&mut self, fact: &CaseFact) {
        self.version += 1;
        for (key, timer) in &fact.clocks {
            self.clocks.insert(*key, timer.clone());
        }
        match &fact.event {
            CaseEvent::Registered(_) | CaseEvent::Supplemented | CaseEvent::Reminded { .. } => {}
            CaseEvent::Recounted { .. } => {}
            CaseEvent::Lapsed { .. } | CaseEvent::OutageExcluded { .. } | CaseEvent::SuspensionEnded { .. } => {}
            CaseEvent::Accepted { matter, urgency } => {
                self.matter = Some(matter.clone());
                self.urgency = *urgency;
                self.phase = Phase::Accepted;
            }
            CaseEvent::Reclassified { matter, urgency } => {
                self.matter = Some(matter.clone());
                self.urgency = *urgency;
            }
            CaseEvent::Placed { place } => (self.place, self.unplaced) = (Some(place.clone()), false),
            CaseEvent::Escalated { desk } => {
                self.desk = desk.clone();
                self.escalations += 1;
            }
            CaseEvent::MadeConfidential { confidentiality } => self.confidentiality = Some(confidentiality.clone()),
            CaseEvent::Supervised { order, organization, card } => {
                let (no, organization, card) = (*order, organization.clone(), *card);
                self.supervision.push(Supervision { no, organization, answered: false, card, lifted: false });
            }
            CaseEvent::SupervisionLifted { order } => {
                let order = self.supervision.iter_mut().find(|one| one.no == *order);
                order.into_iter().for_each(|order| order.lifted = true);
            }
            CaseEvent::SupervisionAnswered { order } => {
                let order = self.supervision.iter_mut().find(|one| one.no == *order);
                order.into_iter().for_each(|order| order.answered = true);
            }
            event => {
                self.apply_to_assignments(event, fact);
                self.apply_to_group(event);
                self.apply_to_requests(event, fact);
                self.apply_to_ending(event, fact);
                self.apply_to_city(event, fact);
            }
        }
    }

    fn apply_to_assignments(&mut self, event: &CaseEvent, fact: &CaseFact) {
        let at = fact.at;
        match event {
            CaseEvent::Dispatched { assignments } => {
                assignments.iter().for_each(|new| self.assign(new, fact));
            }
            CaseEvent::Reassigned { from, to } => {
                self.take_away(*from);
                self.assign(to, fact);
            }
            CaseEvent::Arbitrated { assignment, .. } => {
                if let Some(lead) = self.lead().map(|lead| lead.no) {
                    self.take_away(lead);
                }
                self.assign(assignment, fact);
            }
            CaseEvent::Answered { assignment } => {
                let lead = self.on(*assignment, |one| {
                    one.state = AssignmentState::Answered { at };
                    one.part == Part::Lead
                });
                if lead == Some(true) {
                    self.coordinator = Some(*assignment);
                }
            }
            CaseEvent::ContactRecorded { assignment, .. } => {
                self.on(*assignment, |one| one.contacts += 1);
            }
            CaseEvent::Passed { assignment, step, organization } => {
                self.on(*assignment, |one| one.inner.go_to(*step, Some(organization.clone()), at));
            }
            CaseEvent::SentBack { assignment, step } => {
                self.on(*assignment, |one| one.go_back(*step, at));
            }
            CaseEvent::Reported { assignment, report } => {
                self.on(*assignment, |one| {
                    one.state = AssignmentState::Reported { report: report.clone() };
                    one.go_on_to_signature(at);
                });
            }
            CaseEvent::Signed { assignment, .. } => {
                self.on(*assignment, |one| one.go_on_to_signature(at));
            }
            CaseEvent::Handled { assignment } => {
                self.on(*assignment, |one| {
                    if let AssignmentState::Reported { report } = &one.state {
                        one.state = AssignmentState::Handled { report: report.clone(), at };
                    }
                    one.pending = None;
                });
            }
            CaseEvent::ReworkOrdered { assignments } => {
                self.phase = Phase::InHand;
                self.reworks += 1;
                for no in assignments {
                    self.on(*no, |one| {
                        one.state = AssignmentState::Answered { at };
                        one.reworks += 1;
                        one.go_back(Step::Handler, at);
                    });
                }
            }
            _ => {}
        }
    }

    fn apply_to_group(&mut self, event: &CaseEvent) {
        match event {
            CaseEvent::Grouped { head } => self.group = Grouping::Member { head: *head },
            CaseEvent::Ungrouped { .. } => self.group = Grouping::Alone,
            CaseEvent::MemberTaken { member } => match &mut self.group {
                Grouping::Head { members } => {
                    members.insert(*member);
                }
                group => *group = Grouping::Head { members: [*member].into() },
            },
            CaseEvent::MemberLeft { member } => {
                if let Grouping::Head { members } = &mut self.group {
                    members.remove(member);
                    if members.is_empty() {
                        self.group = Grouping::Alone;
                    }
                }
            }
            _ => {}
        }
    }

    fn apply_to_requests(&mut self, event: &CaseEvent, fact: &CaseFact) {
        let asked_at = fact.at;
        match event {
            CaseEvent::ReturnRequested { assignment, suggested, .. } => {
                self.returns += 1;
                let request = Request::Return { asked_at, suggested: suggested.clone() };
                self.on(*assignment, |one| one.pending = Some(request));
            }
            CaseEvent::ExtensionRequested { assignment, reason, by, .. } => {
                let request = Request::Extension { asked_at, reason: reason.clone(), by: *by };
                self.on(*assignment, |one| one.pending = Some(request));
            }
            CaseEvent::SuspensionRequested { assignment, reason, until } => {
                let request = Request::Suspension { asked_at, reason: reason.clone(), until: *until };
                self.on(*assignment, |one| one.pending = Some(request));
            }
            CaseEvent::ReturnGranted { assignment } => {
                self.on(*assignment, |one| {
                    one.pending = None;
                    one.state = AssignmentState::Returned;
                });
            }
            CaseEvent::ReturnRejected { assignment } => {
                self.returns_rejected += 1;
                self.on(*assignment, |one| one.pending = None);
            }
            CaseEvent::ExtensionGranted { assignment, .. } => {
                self.on(*assignment, |one| {
                    one.pending = None;
                    one.extensions += 1;
                });
            }
            CaseEvent::ExtensionRefused { assignment }
            | CaseEvent::SuspensionGranted { assignment, .. }
            | CaseEvent::SuspensionRefused { assignment } => {
                self.on(*assignment, |one| one.pending = None);
            }
            _ => {}
        }
    }

    fn apply_to_ending(&mut self, event: &CaseEvent, fact: &CaseFact) {
        let at = fact.at;
        match event {
            CaseEvent::Verified { .. } => {
                self.phase = Phase::Verified { by: fact.hand.person().map(str::to_owned), at };
            }
            CaseEvent::Closed { closing } => {
                if let Outcome::Interim(promise) = closing.outcome {
                    self.promise = Some(promise);
                }
                let open: Vec<u16> = self.standing().filter(|one| one.is_open()).map(|one| one.no).collect();
                open.into_iter().for_each(|no| self.take_away(no));
                self.phase = Phase::Closed { closing: closing.clone(), at };
            }
            CaseEvent::SettledOnTheSpot { sampled, .. } => {
                let closing = super::Closing { outcome: Outcome::Solved, on_the_spot: true };
                self.sample = if *sampled { Sample::Drawn } else { Sample::NotDrawn };
                self.phase = Phase::Closed { closing, at };
            }
            CaseEvent::SampleChecked { passed, .. } => {
                self.sample = if *passed { Sample::Passed } else { Sample::Failed };
            }
            CaseEvent::Visited { visit } => {
                self.visits.push(*visit);
                self.last_visit = Some(at);
            }
            CaseEvent::VisitsInVain => self.exclusion = Exclusion::Unreachable,
            CaseEvent::Rated { rater, score, reason } => {
                let rating = Rating { rater: *rater, score: *score, reason: reason.clone() };
                self.phase = match std::mem::replace(&mut self.phase, Phase::Accepted) {
                    Phase::Closed { closing, at } => Phase::Rated { closing, at, ratings: vec![rating] },
                    Phase::Rated { closing, at, mut ratings } => {
                        ratings.push(rating);
                        Phase::Rated { closing, at, ratings }
                    }
                    other => other,
                };
            }
            CaseEvent::ExclusionProposed { reason } => {
                let by = fact.hand.person().map(str::to_owned);
                self.exclusion = Exclusion::Proposed { reason: reason.clone(), by };
            }
            CaseEvent::ExclusionDecided { excluded } => {
                self.exclusion = match (std::mem::take(&mut self.exclusion), excluded) {
                    (Exclusion::Proposed { reason, .. }, true) => Exclusion::Excluded { reason },
                    _ => Exclusion::Declined,
                };
            }
            CaseEvent::Reopened { cause } => self.reopen(*cause),
            CaseEvent::PromiseKept => self.promise = None,
            _ => {}
        }
    }

    fn apply_to_city(&mut self, event: &CaseEvent, fact: &CaseFact) {
        match event {
            CaseEvent::CityAsked { request } => {
                self.outer.iter_mut().for_each(|outer| outer.pending = Some(*request));
            }
            CaseEvent::CityAnswered { .. } => self.outer.iter_mut().for_each(|outer| outer.pending = None),
            CaseEvent::LetterSent { letter, number, body, leader } => self.letters.push(Letter {
                no: *letter,
                number: number.clone(),
                body: body.clone(),
                leader: leader.clone(),
                sent_at: fact.at,
                answered_at: None,
            }),
            CaseEvent::LetterAnswered { letter } => {
                let letter = self.letters.iter_mut().find(|one| one.no == *letter);
                letter.into_iter().for_each(|letter| letter.answered_at = Some(fact.at));
            }
            _ => {}
        }
    }

    fn assign(&mut self, new: &NewAssignment, fact: &CaseFact) {
        if self.coordinator.is_none() && new.part == Part::Lead {
            self.coordinator = Some(new.no);
        }
        self.assignments.push(Assignment::new(new.clone(), fact.at));
        self.phase = Phase::InHand;
    }

    fn take_away(&mut self, no: u16) {
        self.on(no, |one| {
            one.state = AssignmentState::TakenAway;
            one.pending = None;
        });
    }

    fn reopen(&mut self, _cause: Reopening) {
        let standing: Vec<u16> = self.standing().map(|one| one.no).collect();
        standing.into_iter().for_each(|no| self.take_away(no));
        self.phase = Phase::Accepted;
        self.reopenings += 1;
        self.visits.clear();
        self.last_visit = None;
        self.promise = None;
    }

    fn on<R>(&mut self, no: u16, change: impl FnOnce(&mut Assignment) -> R) -> Option<R> {
        self.assignments.iter_mut().find(|one| one.no == no).map(change)
    }
}

impl Assignment {
    fn go_on_to_signature(&mut self, at: kernel::Instant) {
        if let Some(next) = self.inner.next().filter(|step| step.signs()) {
            let holder = None;
            self.inner.go_to(next, holder, at);
        }
    }

    /// Back to a step; a report that waited for signatures is taken back.
    fn go_back(&mut self, step: Step, at: kernel::Instant) {
        if let AssignmentState::Reported { .. } = self.state {
            self.state = AssignmentState::Answered { at };
        }
        self.inner.go_to(step, None, at);
    }

    /// Outcome of the report, where there is one.
    pub fn outcome(&self) -> Option<Outcome> {
        self.report().map(|report: &Report| report.outcome)
    }
}

impl Case {
    /// Whether anyone was reached after the closing.
    pub fn was_reached(&self) -> bool {
        self.visits.iter().any(|visit| matches!(visit, Visit::Reached { .. }))
    }
}
