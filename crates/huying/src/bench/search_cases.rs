//! Cases with texts, made up from the profile's matters, roads, houses and areas; the same ones each time. What people say is a
//! sample: a report, a note at the desk, a department's answer and its report, a reply.

use std::collections::BTreeMap;
use std::sync::Arc;

use district::Profile;
use kernel::{Chance, Instant};
use platform::{Grant, Scope};
use search::{Document, initials};

pub struct Town {
    profile: Arc<Profile>,
    /// By role, those of the posts that read cases.
    grants: Vec<Vec<Grant>>,
    now: Instant,
    /// Area path with house address, for each building that has one.
    houses: Vec<(Vec<String>, String)>,
}

const WAYS: [&str; 8] = [
    "请尽快处理",
    "已经好几天了没有人管",
    "影响居民出行",
    "老人小孩经过很危险",
    "之前反映过一次，至今没有解决",
    "麻烦派人到现场看看",
    "希望给一个明确答复",
    "晚上噪音很大，影响休息",
];
const DETAILS: [&str; 8] = [
    "位置在公交站旁边的人行道上",
    "靠近小区东门的垃圾收集点",
    "学校门口上下学时段人流很多",
    "地铁口出来右手边",
    "路口红绿灯下面",
    "菜市场后门的巷子里",
    "楼下商铺门前",
    "绿化带与车行道之间",
];
const NOTES: [&str; 4] = [
    "诉求清楚，属贵单位职责，请按时限办理并反馈",
    "涉及安全隐患，请先行到场设置警示标志",
    "该问题重复反映，请从源头解决",
    "请与街道联合处置",
];
const ANSWERS: [&str; 5] = [
    "已联系诉求人，约定当天下午到现场核查",
    "已安排维修班组前往处理",
    "经与产权单位核实，由其负责修复，我单位跟进",
    "已电话告知诉求人处理安排",
    "现场测量后需采购配件，预计两日内完成",
];
const DONE: [&str; 5] = [
    "工作人员到场核实情况属实，已完成修复并清理现场，恢复正常使用",
    "已更换损坏部件，经测试运行正常",
    "已对责任人进行教育并责令整改，现场已恢复整洁",
    "已完成清运，后续加强巡查频次",
    "经复查未再发现同类问题，持续关注",
];
const SURNAMES: [char; 20] = [
    '陈', '李', '黄', '张', '梁', '王', '林', '刘', '何', '吴', '杨', '周', '罗', '郑', '谢', '冯', '邓', '曾', '许',
    '潘',
];
const GIVEN: [char; 32] = [
    '伟', '芳', '娜', '敏', '静', '丽', '强', '磊', '军', '洋', '勇', '艳', '杰', '娟', '涛', '明', '超', '秀', '霞',
    '平', '刚', '桂', '英', '华', '玉', '兰', '建', '国', '志', '红', '梅', '浩',
];

impl Town {
    pub fn new(profile: Arc<Profile>) -> Town {
        let now: Instant = "2026-03-02T01:00:00Z".parse().expect("an instant");
        let posts = profile.posts.all().iter().filter_map(|post| profile.grant(&post.key, now));
        let mut by_role: BTreeMap<String, Vec<Grant>> = BTreeMap::new();
        for grant in posts.filter(|grant| grant.actions.contains("case.read")) {
            by_role.entry(grant.role.clone()).or_default().push(grant);
        }
        let grants = by_role.into_values().collect();
        let house = |building: &district::Building| {
            let line = profile.territory.line(&building.grid, now);
            Some((line.iter().map(|area| area.code.clone()).collect(), profile.places.address(building)?.zh))
        };
        let houses = profile.places.buildings().iter().filter_map(house).collect();
        Town { grants, now, houses, profile }
    }

    /// The `nth` case.
    pub fn case(&self, nth: u64) -> Document {
        let mut chance = Chance::seeded(nth, "search/case");
        let matters: Vec<_> = self.profile.matters.valid(self.now).collect();
        let matter = matters[chance.below(matters.len() as u64) as usize];
        let place = chance.pick(&self.houses).cloned();
        let (path, address) = place.unwrap_or_default();
        let areas: Vec<_> = path.iter().filter_map(|code| self.profile.territory.area(code, self.now)).collect();
        let mut pick = |of: &[&'static str]| chance.pick(of).copied().unwrap_or_default();
        let (way, detail, note, answer, done) =
            (pick(&WAYS), pick(&DETAILS), pick(&NOTES), pick(&ANSWERS), pick(&DONE));
        let keyword = chance.pick(&matter.keywords).cloned().unwrap_or_else(|| matter.name.zh.clone());
        let lead = self.profile.party(&matter.lead, &areas).map(|one| one.code.clone());
        let desk = areas.iter().rev().find_map(|area| self.profile.organizations.governing(&area.code));
        let phone = format!("13{:09}", chance.below(1_000_000_000));
        Document {
            number: number(nth, &mut chance),
            titles: std::iter::once(&matter.name)
                .chain(areas.iter().map(|area| &area.name))
                .flat_map(|name| [name.zh.clone(), name.en.clone()])
                .collect(),
            words: vec![
                format!("{address}附近{keyword}，{detail}，{way}。"),
                note.to_owned(),
                answer.to_owned(),
                format!("{address}{}：{done}。", matter.name.zh),
                format!("您好，您反映的{}问题已处理完毕：{done}。感谢您的支持。", matter.name.zh),
            ],
            addresses: vec![address],
            names: vec![name(&mut chance)],
            phones: vec![phone],
            author: None,
            organizations: lead.into_iter().chain(desk.map(|desk| desk.code.clone())).collect(),
            area: path.iter().fold(String::new(), |path, code| path + code + "/"),
            subjects: [format!("reporter/{nth}"), format!("person/{}", nth % 400)].into(),
            opened_at: Some(self.now),
        }
    }

    /// Somebody who reads cases: a role, then a post of it.
    pub fn scope(&self, chance: &mut Chance) -> Scope {
        let grant = chance.pick(&self.grants).and_then(|of_role| chance.pick(of_role)).cloned();
        Scope::new("bench".to_owned(), grant.into_iter().collect())
    }

    /// What somebody might ask: one to three words, initials, the beginning of a number, a name.
    pub fn question(&self, cases: u64, chance: &mut Chance) -> String {
        let case = self.case(1 + chance.below(cases));
        let words = [
            "井盖",
            "路灯",
            "噪音",
            "公交站",
            "学校门口",
            "修复",
            "垃圾",
            "安全隐患",
            "小区东门",
            "人行道",
            "清运",
            "更换",
        ];
        let word = |chance: &mut Chance| chance.pick(&words).copied().unwrap_or_default();
        let road = case.addresses[0].trim_end_matches(|one: char| !one.is_alphabetic() || one == '号').to_owned();
        let road: String = road.chars().take_while(|one| !one.is_ascii_digit()).collect();
        match chance.below(10) {
            0 | 1 => word(chance).to_owned(),
            2 | 3 => format!("{road} {}", word(chance)),
            4 => format!("{road} {} {}", word(chance), word(chance)),
            5 => initials(&case.titles[0]),
            6 => case.number.chars().take(11 + chance.below(3) as usize).collect(),
            7 => case.names[0].clone(),
            8 => format!("{} {}", case.titles[0], word(chance)),
            _ => format!("{} {}", initials(&road), word(chance)),
        }
    }
}

fn name(chance: &mut Chance) -> String {
    let given = 1 + chance.below(2) as usize;
    let surname = chance.pick(&SURNAMES).copied();
    surname.into_iter().chain((0..given).filter_map(|_| chance.pick(&GIVEN).copied())).collect()
}

/// Some 2,700 cases a day, as a million a year are.
fn number(nth: u64, chance: &mut Chance) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let day = nth / 2_740;
    let letters: String = (0..8).map(|_| char::from(LETTERS[chance.below(32) as usize])).collect();
    format!("{:04}{:02}{:02}-{letters}", 2025 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
}
