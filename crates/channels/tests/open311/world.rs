//! The tiny district behind its Open311 routes, with a clock that the test turns.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use casework::case::{
    Action, Caller, Case, Channel, Command, Hand, Location, Register, Reporter, RequestKind, Withdraw, Words,
};
use casework::{Casework, Opened};
use channels::open311::Open311State;
use district::{PostBook, Profile};
use journal::{Journal, MasterKey, WriterOptions};
use kernel::{Actor, Chance, Instant, Point};
use platform::client::{ClientKey, OpenClient, Terms};
use platform::{Edge, PlatformState};
use serde_json::Value;
use store::{Db, Migration};
use tower::ServiceExt;

const FIRST: &[Migration] = &store::testing::both::<FIRST_COUNT>(journal::MIGRATIONS, platform::MIGRATIONS);
const FIRST_COUNT: usize = journal::MIGRATIONS.len() + platform::MIGRATIONS.len();
const SECOND: &[Migration] = &store::testing::both::<SECOND_COUNT>(casework::MIGRATIONS, channels::MIGRATIONS);
const SECOND_COUNT: usize = casework::MIGRATIONS.len() + channels::MIGRATIONS.len();
pub const TABLES: &[Migration] = &store::testing::both::<COUNT>(FIRST, SECOND);
const COUNT: usize = FIRST_COUNT + SECOND_COUNT;

/// In the grid 99990100100101.
pub const POINT: (f64, f64) = (120.002, 30.002);

pub struct World {
    pub app: Router,
    pub casework: Casework,
    pub edge: Edge,
    posts: Arc<PostBook>,
    clock: Arc<AtomicI64>,
}

pub fn tiny() -> Profile {
    Profile::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny")).unwrap()
}

impl World {
    pub fn on(db: &Db, profile: Profile) -> World {
        let clock = Arc::new(AtomicI64::new("2026-03-02T02:00:00Z".parse::<Instant>().unwrap().micros()));
        let read = clock.clone();
        let edge = Edge::new(move || Instant::from_micros(read.load(Ordering::Relaxed)), Chance::seeded(1, "edge"));
        let profile = Arc::new(profile);
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal.clone(), casework::rulebook(&profile).unwrap());
        let posts = Arc::new(PostBook { profile: profile.clone(), edge: edge.clone() });
        let platform = PlatformState::new(journal, edge.clone(), posts.clone());
        let state = Open311State::new(platform, profile, casework.clone());
        let app = Router::new().nest("/open311/v2", channels::open311::routes(state));
        World { app, casework, edge, posts, clock }
    }

    /// Opens an API client that acts by `post` and may do `scope`; gives its key.
    pub async fn client(&self, post: &str, scope: &str) -> String {
        let (submission, mut chance) = (self.edge.submission(None), self.edge.chance());
        let terms = Terms::new(&*self.posts, "app", vec![post.into()], [scope.into()].into(), None, submission.at);
        let (id, key) = (chance.uuid().to_string(), ClientKey::draw(&mut chance));
        let open = OpenClient::new(id, terms.unwrap(), &key, Actor::system("test"));
        self.casework.journal().submit(open, submission).await.unwrap();
        key.reveal().to_owned()
    }

    /// Hands in a form, under an `Idempotency-Key` where one is given.
    pub async fn post(&self, path: &str, form: &[(&str, &str)], once: Option<&str>) -> (StatusCode, String) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::post(format!("/open311/v2/{path}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, "en");
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::builder().uri(format!("/open311/v2/{path}")).header(header::ACCEPT_LANGUAGE, "en");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// A case as Open311 registers it.
    pub async fn case(&self, matter: &str, change: impl FnOnce(&mut Register)) -> Opened {
        let hand = Hand::Post { person: "p".into(), post: "S1.dispatcher".into(), organization: "S1".into() };
        let caller = Caller::new(hand, [Action::Register, Action::Accept]);
        let submission = self.edge.submission(None);
        let point = Point::new(POINT.0, POINT.1).unwrap();
        let location = Location::of(&tiny().territory, point, submission.at);
        let mut register = Register {
            channel: Channel::Open311,
            kind: RequestKind::Event,
            words: Words::new("private words").unwrap(),
            reporter: Some(Reporter {
                subject: format!("reporter/{}", submission.at.micros()),
                name: Some("Ada Example".into()),
                phone: Some("000-secret".into()),
                email: Some("ada@example.org".into()),
            }),
            address: Some("12 Secret Street".into()),
            location,
            desk: None,
            matter: Some(matter.into()),
            urgency: None,
            declares_secret: false,
            confidentiality: None,
            outer: None,
            evidence: Vec::new(),
        };
        change(&mut register);
        let answer = self.casework.register(caller, None, register, submission).await.unwrap();
        let journal::Answer::Done { output, .. } = answer else { panic!("{answer:?}") };
        output
    }

    pub async fn act(&self, caller: Caller, case: &Case, command: Command) {
        self.casework.act(caller, None, case.id, None, command, self.edge.submission(None)).await.unwrap();
    }

    /// The reporter withdraws.
    pub async fn withdraw(&self, case: &Case) {
        let caller = Caller::new(Hand::Resident { subject: case.reporter.clone().unwrap() }, []);
        let command = Command::Withdraw(Withdraw { reason: Words::new("done").unwrap() });
        self.act(caller, case, command).await;
    }

    /// Serves the routes at an address of this machine.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = self.app.clone();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/open311/v2")
    }
}
