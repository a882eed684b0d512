//! What is reported in a bench: all made up, and the same for the same seed.

use casework::case::{Channel, Location, Register, Reporter, RequestKind, Words};
use district::Profile;
use kernel::{Chance, Instant, Point};
use serde_json::json;

use crate::failure::Failure;

/// One report as a grid worker's phone holds it before it is sent.
#[derive(Clone, Debug)]
pub struct Appeal {
    pub key: String,
    pub words: String,
    pub matter: String,
    pub point: Point,
    pub address: String,
    pub name: String,
    pub phone: String,
}

const SAYINGS: &[&str] = &[
    "路口井盖破损，有行人绊倒，请尽快处理",
    "楼道堆放杂物，堵住了消防通道，多次劝说无效",
    "巷口垃圾三天没有人收，气味很大",
    "夜间施工噪音扰民，已经持续到凌晨一点",
    "绿化带里的树被风吹倒，压到了人行道",
    "路灯不亮，晚上接送孩子很不方便",
];

/// So many appeals from within the district, valid at `when`.
pub fn draw(profile: &Profile, count: usize, when: Instant, chance: &mut Chance) -> Result<Vec<Appeal>, Failure> {
    let matters: Vec<&str> = profile.matters.valid(when).map(|matter| matter.code.as_str()).collect();
    let buildings = profile.places.buildings();
    if matters.is_empty() || buildings.is_empty() {
        return Err(Failure::Other("the profile has no matter or no building: nothing can be reported".into()));
    }
    let appeal = |chance: &mut Chance| {
        let building = &buildings[chance.below(buildings.len() as u64) as usize];
        let mut off = || (chance.unit() - 0.5) * 0.000_4;
        let near = Point::new(building.point.longitude() + off(), building.point.latitude() + off());
        let near = near.ok().filter(|point| profile.territory.locate(*point, when).is_ok());
        Appeal {
            key: chance.uuid().to_string(),
            words: chance.pick(SAYINGS).copied().unwrap_or_default().to_owned(),
            matter: chance.pick(&matters).copied().unwrap_or_default().to_owned(),
            point: near.unwrap_or(building.point),
            address: format!("样例路 {} 号", chance.below(400) + 1),
            name: "样例".to_owned(),
            phone: format!("000{:08}", chance.below(100_000_000)),
        }
    };
    Ok((0..count).map(|_| appeal(chance)).collect())
}

impl Appeal {
    /// As it is registered in process, located at `when`.
    pub fn register(&self, profile: &Profile, when: Instant, chance: &mut Chance) -> Result<Register, Failure> {
        let subject = format!("reporter/{}", chance.uuid());
        Ok(Register {
            channel: Channel::StaffApp,
            kind: RequestKind::Component,
            words: Words::new(&self.words).map_err(Failure::other)?,
            reporter: Some(Reporter {
                subject,
                name: Some(self.name.clone()),
                phone: Some(self.phone.clone()),
                email: None,
            }),
            address: Some(self.address.clone()),
            location: Location::of(&profile.territory, self.point, when),
            desk: None,
            matter: Some(self.matter.clone()),
            urgency: None,
            declares_secret: false,
            confidentiality: None,
            outer: None,
            evidence: Vec::new(),
        })
    }

    /// As it is sent.
    pub fn body(&self) -> Vec<u8> {
        let body = json!({
            "words": self.words, "kind": "component", "matter": self.matter, "point": self.point,
            "address": self.address, "name": self.name, "phone": self.phone,
        });
        body.to_string().into_bytes()
    }
}
