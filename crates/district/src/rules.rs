//! `rules.toml` and `roles.toml`: how the district runs its casework. Each rule is data of the profile; the numbers of
//! PRACTICE say which practice it makes concrete.

use kernel::Limit;
use serde::{Deserialize, Serialize};

use crate::choice::choice;
use crate::organization::Role;

/// `roles.toml`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    pub role: Vec<Role>,
}

impl Roles {
    pub fn get(&self, key: &str) -> Option<&Role> {
        self.role.iter().find(|role| role.key == key)
    }
}

macro_rules! rules {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $kind:ty),+ $(,)? })+) => {
        $($(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind),+ })+
    };
}

rules! {
    /// `rules.toml`
    Rules {
        source: String,
        duty: DutyRules,
        call: CallRules,
        returns: ReturnRules,
        extension: ExtensionRules,
        suspension: SuspensionRules,
        reopening: ReopeningRules,
        rework: ReworkRules,
        sample: SampleRules,
        follow_up: FollowUpRules,
        exclusion: ExclusionRules,
        supervision: SupervisionRules,
        confidential: ConfidentialRules,
        green_channel: GreenChannelRules,
        secrets: SecretRules,
        offline: OfflineRules,
        outage: OutageRules,
        rating: RatingRules,
        #[serde(default)] chain: Vec<Chain>,
        #[serde(default)] switch: Vec<Switch>,
    }

    /// The ring of a call: on duty, deputy, then the centre (PRACTICE 16).
    DutyRules {
        /// Organization.
        centre: String,
        /// Without an answer for so long the next in the ring is called.
        ring_after: Limit,
    }

    /// Calls (PRACTICE 1).
    CallRules {
        /// In which the centre may object.
        objection: Limit,
        /// At or below it a rating needs its reason.
        low_rating: u32,
    }

    /// Returns 退单 (PRACTICE 6).
    ReturnRules {
        /// Then arbitration names a unit that must take it.
        most: u32,
        /// After dispatch.
        window: Limit,
        /// In which a return is to be reviewed.
        review: Limit,
        /// Organization.
        reviewer: String,
        /// Organizations.
        arbitrators: Vec<String>,
    }

    /// A reason that may be given, shown in both languages.
    ReasonCode { key: String, name_zh: String, name_en: String }

    /// Extensions 延期 (PRACTICE 7).
    ExtensionRules {
        most: u32,
        longest: Limit,
        /// To be asked for at least so long before due.
        before_due: Limit,
        reasons: Vec<ReasonCode>,
    }

    /// Suspensions 缓办 (PRACTICE 7).
    SuspensionRules { longest: Limit, reasons: Vec<ReasonCode> }

    /// Reopening 重启 after closing.
    ReopeningRules { window: Limit }

    /// Rework 返工 (PRACTICE 10).
    ReworkRules {
        /// Share (0 to 1) of the handle limit, where a matter has no rework limit.
        share: f64,
        /// More is repeated rework.
        most: u32,
    }

    /// The check by sample of what was settled on the spot (PRACTICE 3).
    SampleRules {
        /// 0 to 1.
        share: f64,
    }

    /// Follow-up 回访 (PRACTICE 10).
    FollowUpRules { organization: String, attempts: u32, interval: Limit }

    /// The panel that excludes unreasonable or impossible demands (PRACTICE 10).
    ExclusionRules {
        /// Persons who decide.
        panel: u32,
        reasons: Vec<ReasonCode>,
    }

    /// Who issues cards and supervision orders (PRACTICE 11).
    SupervisionRules { organization: String }

    /// Confidential cases (PRACTICE 13).
    ConfidentialRules {
        /// Where those that concern officials go.
        organization: String,
        retention: Limit,
    }

    /// Letters to bodies of the city (PRACTICE 14).
    GreenChannelRules {
        /// Post of the accountable leader.
        leader_post: String,
    }

    /// What is told when a state secret is refused at entry (PRACTICE 13).
    SecretRules { instruction_zh: String, instruction_en: String }

    /// Acts without network (PRACTICE 18).
    OfflineRules {
        /// Up to it a device's claimed time may stop a clock.
        lag: Limit,
    }

    /// Outages of the platform (PRACTICE 17).
    OutageRules {
        /// Organization that declares them.
        declarer: String,
    }

    /// Ratings (PRACTICE 12).
    RatingRules {
        /// Highest rating; the lowest is 1.
        scale: u32,
        /// Fewer are not published.
        least: u32,
    }

    /// Who signs inside an organization, in order (PRACTICE 2).
    Chain {
        key: String,
        /// Roles.
        steps: Vec<String>,
    }

    /// A compulsory practice that is off unless its ground is stated (PRACTICE 15).
    Switch {
        key: SwitchKey,
        on: bool,
        #[serde(default)] ground_zh: String,
        #[serde(default)] ground_en: String,
    }
}

choice! {
    SwitchKey {
        CheckIn = "check_in",
        Track = "track",
        Photo = "photo",
        LeaderBoard = "leader_board",
    }
}

impl Rules {
    pub fn chain(&self, key: &str) -> Option<&Chain> {
        self.chain.iter().find(|chain| chain.key == key)
    }

    /// Off unless the profile turns it on.
    pub fn is_on(&self, key: SwitchKey) -> bool {
        self.switch.iter().any(|switch| switch.key == key && switch.on)
    }
}
