//! A call rings by short message and in the inbox: whoever is on duty, then the deputy, then the centre, also at night, until
//! someone answers (PRACTICE 1, 16).

use std::sync::Arc;

use casework::Watch;
use district::PostBook;
use futures::future::BoxFuture;
use platform::Config;
use platform::notice::{Channel, NoticeReader, Sender};
use platform::sms::{KeptSms, Sms, SmsError, SmsMessage};
use serde_json::{Value, json};

use super::world::{Ask, POINT, World};
use crate::demo::Demo;
use crate::notices::{self, Ways};

/// The ring of the Urban Management Bureau on the night of 2 March 2026, by the rosters of the tiny district; each with a telephone.
const RING: [(&str, &str); 4] = [
    ("D01-1.handler", "13800000001"),
    ("D01.leader", "13800000002"),
    ("CC.operator", "13800000003"),
    ("CC.operator2", "13800000004"),
];

pub async fn check(world: World) {
    // 23:30 in the district: in its quiet hours.
    turn(&world, "2026-03-02T15:30:00Z");
    for (post, phone) in RING {
        let contact = json!({ "phone": phone, "language": "en" });
        world.done(post, "put", Ask::path("/me/contact").body(contact)).await;
    }
    let mut house = House::on(&world).await;
    an_ordinary_call_waits_for_the_centre_and_rings_until_it_is_answered(&mut house).await;
    an_emergency_rings_everyone_in_turn_and_all_again(&mut house).await;
    what_was_answered_rings_no_telephone_any_more(&mut house).await;
}

async fn an_ordinary_call_waits_for_the_centre_and_rings_until_it_is_answered(house: &mut House<'_>) {
    let call = house.raise("M04", &["D01"]).await;
    assert_eq!(house.rung().await, [""; 0], "the centre may object for ten minutes");
    let raised = house.inbox("CC.operator").await;
    assert_eq!(raised, ["call.raised"], "which the centre knows of");
    house.at("15:40:00").await;
    assert_eq!(house.rung().await, [""; 0], "the last instant belongs to the centre");
    house.at("15:40:01").await;
    assert_eq!(house.rung().await, ["13800000001"], "whoever is on duty");
    assert_eq!(house.inbox("D01-1.handler").await, ["call.summoned"]);
    let text = house.kept.messages().last().unwrap().text.clone();
    assert_eq!(text, "Call (Unauthorized structure): whoever is on duty, please answer");
    house.at("15:43:01").await;
    assert_eq!(house.rung().await, [""; 0], "three minutes are given");
    house.at("15:43:02").await;
    assert_eq!(house.rung().await, ["13800000002"], "the deputy");
    assert_eq!(house.inbox("D01.leader").await, ["call.rung"]);
    // The deputy answers: the centre is left in peace, and the subdistrict hears of it.
    house.answer(&call, "D01.leader").await;
    for time in ["15:46:02", "15:49:03", "16:15:00"] {
        house.at(time).await;
        assert_eq!(house.rung().await, [""; 0], "{time}");
    }
    assert!(house.inbox("S1.leader").await.contains(&"call.answered".to_owned()));
    assert!(!house.inbox("CC.operator").await.contains(&"call.rung".to_owned()));
}

async fn an_emergency_rings_everyone_in_turn_and_all_again(house: &mut House<'_>) {
    house.at("16:20:00").await;
    house.raise("M03", &["D01"]).await;
    assert_eq!(house.rung().await, ["13800000001"], "an emergency goes direct");
    for (time, phone) in [("16:23:01", "13800000002"), ("16:26:02", "13800000003"), ("16:29:03", "13800000004")] {
        house.at(time).await;
        assert_eq!(house.rung().await, [phone], "{time}");
    }
    house.at("16:32:04").await;
    assert_eq!(house.rung().await, RING.map(|(_, phone)| phone), "nobody answered: all once more");
    house.at("16:55:00").await;
    assert_eq!(house.rung().await, [""; 0], "and never again");
    assert!(house.inbox("S1.leader").await.contains(&"call.ring_exhausted".to_owned()), "who called hears of it");
}

/// The gateway is away while it rings, and they answer by the page.
async fn what_was_answered_rings_no_telephone_any_more(house: &mut House<'_>) {
    house.at("17:00:00").await;
    house.sender.sms = Arc::new(Away);
    let call = house.raise("M03", &["D01"]).await;
    assert_eq!(house.deliveries("waiting").await, 1, "it waits for the gateway");
    house.answer(&call, "D01-1.handler").await;
    assert_eq!((house.deliveries("waiting").await, house.deliveries("settled").await), (0, 1));
    house.sender.sms = house.kept.clone();
    house.at("17:02:00").await;
    assert_eq!(house.rung().await, [""; 0]);

    // The answer of one department leaves the other's ringing alone; calling off ends it.
    let contact = json!({ "phone": "13800000005", "language": "en" });
    house.done("D03.handler", "put", Ask::path("/me/contact").body(contact)).await;
    house.sender.sms = Arc::new(Away);
    let call = house.raise("M03", &["D01", "D03"]).await;
    house.answer(&call, "D01-1.handler").await;
    assert_eq!((house.deliveries("waiting").await, house.deliveries("settled").await), (1, 2));
    house.act(&call, "S1.leader", json!({ "command": "call_off", "reason": "已自行处置" })).await;
    house.sender.sms = house.kept.clone();
    house.at("17:10:00").await;
    assert_eq!(house.rung().await, [""; 0]);
    assert_eq!((house.deliveries("waiting").await, house.deliveries("settled").await), (0, 3));
}

/// Takes nothing.
struct Away;

impl Sms for Away {
    fn send<'a>(&'a self, _: &'a SmsMessage) -> BoxFuture<'a, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError::Unreachable) })
    }
}

/// What runs beside the served district, one step at a time.
struct House<'a> {
    world: &'a World,
    watch: Watch,
    reader: NoticeReader,
    sender: Sender,
    kept: Arc<KeptSms>,
    /// How many messages were looked at.
    seen: usize,
}

impl House<'_> {
    async fn on(world: &World) -> House<'_> {
        let posts = Arc::new(PostBook { profile: world.profile.clone(), edge: world.platform.edge.clone() });
        let ways = [Channel::Sms].into();
        let made = notices::notices(&world.platform.journal, &world.profile, posts, ways);
        let kept = Arc::new(KeptSms::default());
        let demo = Demo { sms: Some(kept.clone()), ..Demo::default() };
        let ways = Ways::configured(&Config::default(), &demo).unwrap();
        let sender = notices::sender(&made, &world.profile, ways);
        let mut reader = NoticeReader::new(made);
        reader.catch_up().await.unwrap();
        let watch = Watch::new(world.casework.clone(), world.profile.clone());
        House { world, watch, reader, sender, kept, seen: 0 }
    }

    /// Everything that is due is done; what is to be told is told.
    async fn work(&mut self) {
        self.watch.keep_time(self.world.now()).await.unwrap();
        while self.reader.catch_up().await.unwrap().facts > 0 {}
        while self.sender.step().await.unwrap() > 0 {}
    }

    async fn at(&mut self, time: &str) {
        turn(self.world, &format!("2026-03-02T{time}Z"));
        self.work().await;
    }

    /// The telephones that rang since it was asked last.
    async fn rung(&mut self) -> Vec<String> {
        self.work().await;
        let messages = self.kept.messages();
        let mut rung: Vec<String> = messages[self.seen..].iter().map(|message| message.to.clone()).collect();
        self.seen = messages.len();
        rung.sort();
        rung
    }

    async fn raise(&mut self, matter: &str, organizations: &[&str]) -> String {
        let point = json!({ "longitude": POINT.0, "latitude": POINT.1 });
        let body = json!({ "matter": matter, "point": point, "organizations": organizations, "words": "请到场" });
        let raised = self.done("S1.leader", "post", Ask::path("/calls").body(body)).await;
        self.work().await;
        raised["id"].as_str().unwrap().to_owned()
    }

    async fn answer(&mut self, call: &str, post: &str) {
        self.act(call, post, json!({ "command": "answer", "summons": 1, "words": "马上到" })).await;
    }

    async fn act(&mut self, call: &str, post: &str, body: Value) {
        self.done(post, "post", Ask::path(format!("/calls/{call}/acts")).body(body)).await;
        self.work().await;
    }

    /// Sessions end meanwhile: whoever asks signs in again.
    async fn done(&self, post: &str, method: &str, ask: Ask) -> Value {
        let cookie = self.world.living_cookie(post).await;
        let answer = self.world.ask(method, &ask, Some(&cookie)).await;
        assert!(answer.status.is_success(), "{method} {ask:?} by {post}: {answer:?}");
        answer.body
    }

    /// Kinds of the facts that someone was told of in the inbox.
    async fn inbox(&self, post: &str) -> Vec<String> {
        let told = self.done(post, "get", Ask::path("/me/notices?unread=true")).await;
        let kinds = told["notices"].as_array().unwrap().iter();
        kinds.map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
    }

    async fn deliveries(&self, state: &str) -> usize {
        let listed = self.done("G.system", "get", Ask::path(format!("/deliveries?state={state}"))).await;
        listed["deliveries"].as_array().unwrap().len()
    }
}

fn turn(world: &World, at: &str) {
    world.platform.edge.not_before(at.parse().unwrap());
}
