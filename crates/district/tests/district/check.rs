//! A sound profile has no fault; each fault planted in it is found, alone, where it stands.

mod areas;

use std::fs;

use district::{Profile, Vocabulary};
use kernel::text::Language;

use crate::{copy, tiny};

#[test]
fn the_tiny_profile_is_sound() {
    let report = district::check(&tiny());
    let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let counts = ["subdistricts", "communities", "grids", "departments", "matters", "powers"];
    assert_eq!(counts.map(|key| report.counts[key]), [2, 3, 6, 6, 9, 3]);
    assert!(Profile::load(&tiny()).is_ok());
}

/// Applies the edits (file, text that stands there, text in its place), then expects exactly these faults
/// (file, line, field, code).
fn check(edits: &[(&str, &str, &str)], expected: &[(&str, u64, &str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    copy(&tiny(), folder.path());
    for (file, old, new) in edits {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains(old), "{file} does not hold {old:?}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }
    let faults = district::check(folder.path()).faults;
    let found: Vec<(&str, u64, &str, &str)> =
        faults.iter().map(|fault| (fault.file.as_str(), fault.line, fault.field.as_str(), fault.code)).collect();
    assert_eq!(
        found,
        expected,
        "{}",
        faults.iter().map(|f| f.message(Language::English)).collect::<Vec<_>>().join("\n")
    );
    for fault in &faults {
        for language in Language::ALL {
            let message = fault.message(language);
            assert!(!message.contains("{$") && message != fault.code, "{message}");
        }
    }
}

/// One edit, one fault, on the line where the text stands.
fn plant(file: &str, old: &str, new: &str, field: &str, code: &str) {
    let text = fs::read_to_string(tiny().join(file)).unwrap();
    let line = 1 + text[..text.find(old).expect(old)].matches('\n').count() as u64;
    check(&[(file, old, new)], &[(file, line, field, code)]);
}

#[test]
fn forms_of_files() {
    check(&[("cards.toml", "reminder_share", "remind_share")], &[("cards.toml", 1, "", "profile-file-syntax")]);
    plant("cards.toml", "appeal = \"2 working_day\"", "appeal = \"2 weeks\"", "", "profile-file-syntax");
    plant("cards.toml", "colour = \"red\"", "colour = \"blue\"", "", "profile-file-syntax");
    plant("calendar/2026.json", "\"2026-02-16\"", "\"2026-02-46\"", "", "profile-file-syntax");
    plant("calendar.toml", "mon = [\"08:30-12:00\"", "mon = [\"12:00-08:30\"", "", "profile-file-syntax");
    plant(
        "areas/grids.geojson",
        "\"coordinates\":[[[120.0,30.0]",
        "\"coordinates\":[[[\"x\",30.0]",
        "",
        "profile-file-syntax",
    );
    check(
        &[("areas/grids.geojson", "\"features\":[", "\"features\":")],
        &[("areas/grids.geojson", 1, "", "profile-file-syntax")],
    );
    check(
        &[("powers.csv", ",kind,", ",sort,")],
        &[("powers.csv", 1, "kind", "profile-column-missing"), ("powers.csv", 1, "sort", "profile-column-unknown")],
    );
    plant("powers.csv", "P02,", "P02,,", "", "profile-row-length");
    plant("powers.csv", "P02,检查", "P02,\"检\u{7}查\"", "name_zh", "profile-value-control");
}

#[test]
fn missing_and_empty_files() {
    let folder = tempfile::tempdir().unwrap();
    copy(&tiny(), folder.path());
    fs::remove_file(folder.path().join("secrets.txt")).unwrap();
    fs::write(folder.path().join("powers.csv"), b"code\xff,").unwrap();
    let codes: Vec<_> =
        district::check(folder.path()).faults.into_iter().map(|fault| (fault.file, fault.code)).collect();
    assert!(Profile::load(folder.path()).is_err());
    let expected = [("powers.csv", "profile-file-unreadable"), ("secrets.txt", "profile-file-missing")];
    assert_eq!(codes, expected.map(|(file, code)| (file.to_owned(), code)));

    copy(&tiny(), folder.path());
    let header = fs::read_to_string(tiny().join("powers.csv")).unwrap().lines().next().unwrap().to_owned();
    fs::write(folder.path().join("powers.csv"), header).unwrap();
    let faults = district::check(folder.path()).faults;
    assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["profile-file-empty"]);
}

#[test]
fn settings() {
    plant("district.toml", "code = \"999901\"", "code = \"99-01\"", "code", "profile-value-not-a-number");
    plant("district.toml", "\"zh-CN\"", "\"fr\"", "language", "profile-value-not-allowed");
    plant("district.toml", "[119.99, 29.99", "[120.99, 29.99", "bounds", "profile-value-out-of-range");
    plant("district.toml", "name_zh = \"小样区\"", "name_zh = \"\"", "name_zh", "profile-value-empty");
    plant("district.toml", "\"#9c2a1f\"", "\"red\"", "theme.primary", "profile-value-not-a-colour");
    plant("district.toml", "[apps.wall]", "[apps.watch]", "apps.watch", "profile-value-not-allowed");
    plant("district.toml", "\"Asia/Shanghai\"", "\"Asia/Nowhere\"", "time_zone", "profile-value-not-a-zone");
    let another = "[[layer]]
key = \"ward\"
name_zh = \"甲\"
name_en = \"A\"
overlaps = true

[[layer]]";
    let expected = ("district.toml", 49, "layer.2.key", "profile-duplicate");
    check(&[("district.toml", "[[layer]]", another)], &[expected]);
}

#[test]
fn organizations_posts_and_rosters() {
    let file = "organizations.csv";
    plant(file, "D01-1,section,", "D01-1,division,", "kind", "profile-value-not-allowed");
    plant(file, "D01-1,section,D01,", "D01-1,section,D09,", "parent", "profile-unknown-organization");
    plant(file, "D04,department,G,", "D04,department,,", "parent", "profile-organization-orphan");
    plant(file, "999901001,sample\nS1-1", "999901009,sample\nS1-1", "area", "profile-unknown-area");
    check(
        &[(file, "D01,department,G", "D01,department,D01-1")],
        &[(file, 7, "parent", "profile-organization-circle"), (file, 8, "parent", "profile-organization-circle")],
    );
    check(
        &[(file, "CC,centre,G", "G2,government,,二,Two,,sample\nCC,centre,G")],
        &[(file, 3, "kind", "profile-organization-root")],
    );
    plant(
        file,
        "S1-2,team,S1,东亭街道综合执法队,Dongting Enforcement Team,999901001",
        "S1-2,subdistrict,S1,东亭街道综合执法队,Dongting Enforcement Team,",
        "area",
        "profile-organization-without-area",
    );

    let file = "posts.csv";
    plant(file, "S1.leader,subdistrict_leader,", "S1.leader,king,", "role", "profile-unknown-role");
    plant(
        file,
        "D04.head,section_head,D04,",
        "D04.head,section_head,D14,",
        "organization",
        "profile-unknown-organization",
    );
    plant(file, "S2-1.officer,", "S1-1.officer,", "key", "profile-duplicate");

    let file = "rosters.csv";
    plant(file, "D03,all,all,", "D03,all,daily,", "days", "profile-value-not-allowed");
    plant(file, "D03,all,all,00:00,", "D03,all,all,24:00,", "from", "profile-value-not-a-time");
    plant(
        file,
        "D03,all,all,00:00,00:00,D03.handler",
        "D03,all,all,00:00,00:00,D03.nobody",
        "on_duty",
        "profile-unknown-post",
    );
    plant(
        file,
        "D03,all,all,00:00,00:00,D03.handler",
        "D03,all,all,00:00,00:00,D04.handler",
        "on_duty",
        "profile-roster-foreign-post",
    );
    plant(file, "D03,all,all,00:00,00:00", "D03,all,all,00:00,23:00", "until", "profile-roster-hole");
    plant(file, "D02,night,all", "D02,day,all", "shift", "profile-duplicate");
    check(
        &[(file, "D03,all,", "CC,all2,")],
        &[(file, 8, "deputy", "profile-roster-foreign-post"), (file, 8, "on_duty", "profile-roster-foreign-post")],
    );
    check(
        &[(file, "D03,all,all,00:00,00:00,D03.handler,D03.head,,,sample\n", "")],
        &[("organizations.csv", 13, "code", "profile-roster-missing")],
    );
}

#[test]
fn matters_limits_and_powers() {
    let file = "matters.csv";
    plant(
        file,
        "M04,,,私搭乱建,Unauthorized structure,event,D01,",
        "M04,,,私搭乱建,Unauthorized structure,event,D11,",
        "lead",
        "profile-unknown-organization",
    );
    plant(file, "@subdistrict|D05", "@ward|D05", "cooperating", "profile-unknown-level");
    plant(file, "help,@community,", "help,@grid,", "lead", "profile-lead-nobody");
    plant(file, "event:0508", "event:9999", "classes", "profile-unknown-class");
    plant(file, "photo_before|document", "photo_before|drawing", "evidence", "profile-value-not-allowed");
    plant(
        file,
        "Policy enquiry,enquiry,D04,,no,",
        "Policy enquiry,enquiry,D04,,maybe,",
        "callable",
        "profile-value-not-allowed",
    );
    plant(file, "signed,噪音", "royal,噪音", "chain", "profile-unknown-chain");
    check(&[(file, "M01,,2026-07-01", "M01,,2026-08-01")], &[(file, 3, "code", "profile-versions-overlap")]);

    let file = "limits.csv";
    plant(file, "M05,,handle,5,working_day", "M05,,handle,5,work_day", "unit", "profile-value-not-a-limit");
    plant(file, "M05,,handle,5,working_day", "M05,,handle,1:30,working_day", "amount", "profile-value-not-a-limit");
    plant(file, "M05,,handle,5,", "M05,,finish,5,", "stage", "profile-value-not-allowed");
    plant(file, "M07,,reply", "M17,,reply", "matter", "profile-unknown-matter");
    plant(file, "M02,,rework", "M02,,handle", "stage", "profile-duplicate");
    check(
        &[(file, "M08,,handle,15,working_day,no,sample\n", "")],
        &[("matters.csv", 10, "code", "profile-limit-missing")],
    );
    check(
        &[(file, "M03,,arrive,0:30,continuous_hour,no,sample\n", "")],
        &[("matters.csv", 5, "code", "profile-limit-missing")],
    );
    check(
        &[(file, "M08,,handle", "M09,,handle,3,working_day,no,sample\nM08,,handle")],
        &[("matters.csv", 11, "timed", "profile-limit-needless")],
    );

    plant("powers.csv", "coercion", "force", "kind", "profile-value-not-allowed");
    plant("powers.csv", ",M05,", ",M55,", "matters", "profile-unknown-matter");
    plant("classes.csv", "transcribed", "guessed", "basis", "profile-value-not-allowed");
    check(
        &[("classes.csv", "component:0103", "part:0103")],
        &[
            ("classes.csv", 3, "code", "profile-value-not-allowed"),
            ("matters.csv", 4, "classes", "profile-unknown-class"),
        ],
    );
}

#[test]
fn rules() {
    let file = "rules.toml";
    plant(file, "centre = \"CC\"", "centre = \"C0\"", "duty.centre", "profile-unknown-organization");
    plant(
        file,
        "arbitrators = [\"D06\", \"D05\"]",
        "arbitrators = [\"D06\", \"D50\"]",
        "returns.arbitrators.1",
        "profile-unknown-organization",
    );
    plant(
        file,
        "leader_post = \"G.leader\"",
        "leader_post = \"G.boss\"",
        "green_channel.leader_post",
        "profile-unknown-post",
    );
    plant(
        file,
        "steps = [\"registry\", \"handler\"]",
        "steps = [\"registry\", \"hand\"]",
        "chain.0.steps.1",
        "profile-unknown-role",
    );
    plant(file, "share = 0.2", "share = 20.0", "sample.share", "profile-value-out-of-range");
    plant(file, "panel = 2", "panel = 1", "exclusion.panel", "profile-value-out-of-range");
    plant(file, "key = \"litigation\"", "key = \"season\"", "suspension.reasons.1.key", "profile-duplicate");
    check(
        &[(file, "key = \"track\"\non = false", "key = \"track\"\non = true")],
        &[(file, 95, "switch.1.on", "profile-switch-without-ground")],
    );
    plant(
        "roles.toml",
        "actions = [",
        "actions = [\"raise a call\", ",
        "role.0.actions.0",
        "profile-value-not-an-action",
    );
    let after = "after = \"24 continuous_hour\"\n";
    check(&[("cards.toml", after, "")], &[("cards.toml", 19, "rule.2.after", "profile-value-empty")]);
}

#[test]
fn calendar() {
    plant(
        "calendar.toml",
        "tue = [\"08:30-12:00\", \"14:00-17:30\"]",
        "tue = [\"08:30-12:00\", \"11:00-17:30\"]",
        "week.tue",
        "profile-calendar-openings-overlap",
    );
    let folder = tempfile::tempdir().unwrap();
    copy(&tiny(), folder.path());
    let text = fs::read_to_string(folder.path().join("calendar/2026.json")).unwrap();
    fs::write(folder.path().join("calendar/2028.json"), text.replace("2026", "2028")).unwrap();
    fs::write(folder.path().join("calendar/2026.json"), text.replace("\"2026-02-16\"", "\"2024-02-16\"")).unwrap();
    let faults = district::check(folder.path()).faults;
    let found: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.file.as_str(), fault.code)).collect();
    assert_eq!(
        found,
        [
            ("calendar/2026.json", "profile-calendar-wrong-year"),
            ("calendar/2027.json", "profile-calendar-year-missing"),
        ]
    );
}

#[test]
fn notices() {
    let file = "notices.toml";
    plant(file, "from = \"22:00\"", "from = \"22.00\"", "", "profile-file-syntax");
    plant(file, "source = \"sample\"", "source = \"\"", "source", "profile-value-empty");
    plant(file, "key = \"lapsed\"", "key = \"registered\"", "rule.6.key", "profile-duplicate");
    plant(file, "key = \"lapsed\"", "key = \"Lapsed!\"", "rule.6.key", "profile-notice-key");
    plant(file, "delivery = \"daily 08:30\"", "delivery = \"weekly\"", "", "profile-file-syntax");
    let to = "to = [{ relation = \"registered_by\" }]";
    plant(file, to, "to = []", "rule.8.to", "profile-value-empty");
    plant(file, to, "to = [{}]", "rule.8.to.0", "profile-notice-recipient");
    plant(file, to, "to = [{ post = \"G.leader\", role = \"crew\" }]", "rule.8.to.0", "profile-notice-recipient");
    plant(file, to, "to = [{ role = \"crew\", roles = [\"crew\"] }]", "rule.8.to.0", "profile-notice-recipient");
    plant(file, to, "to = [{ role = \"crews\" }]", "rule.8.to.0.role", "profile-unknown-role");
    plant(file, to, "to = [{ post = \"G.boss\" }]", "rule.8.to.0.post", "profile-unknown-post");
    let two = "to = [{ relation = \"on_duty\" }]\nchannels = [\"inbox\", \"sms\"]";
    let address = "to = [{ phone = \"138 0000 5678\" }]\nchannels = [\"sms\"]";
    plant(file, two, address, "rule.3.to.0.phone", "profile-notice-address");
    let mail = "to = [{ mail = \"a@b\" }]\nchannels = [\"sms\"]";
    plant(file, two, mail, "rule.3.to.0.mail", "profile-notice-channel");
    plant(file, "channels = [\"inbox\"]", "channels = [\"webhook\"]", "rule.0.channels.0", "profile-notice-channel");
    plant(file, "channels = [\"inbox\"]", "channels = []", "rule.0.channels", "profile-value-empty");
}

/// What only crates above this one know: actions, steps and words of notices.
#[test]
fn words_that_others_give_a_meaning() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let roles: toml::Table = fs::read_to_string(tiny().join("roles.toml")).unwrap().parse().unwrap();
    let roles = roles["role"].as_array().unwrap();
    let said = roles.iter().flat_map(|role| role["actions"].as_array().unwrap());
    let known = Vocabulary {
        actions: said.map(|action| action.as_str().unwrap().to_owned()).collect(),
        steps: words(&["registry", "handler", "section_head", "leader"]),
        kinds: words(&[
            "case.registered",
            "case.reopened",
            "case.dispatched",
            "case.reassigned",
            "case.arbitrated",
            "case.rework_ordered",
            "case.supervised",
            "case.return_granted",
            "case.return_rejected",
            "case.extension_granted",
            "case.extension_refused",
            "case.suspension_granted",
            "case.suspension_refused",
            "case.reminded",
            "case.lapsed",
            "case.closed",
            "case.settled_on_the_spot",
            "call.summoned",
            "call.rung",
            "call.ring_exhausted",
            "call.objected",
            "call.answered",
            "call.arrived",
            "call.acted",
            "call.raised",
            "call.lapsed",
            "card.proposed",
            "card.issued",
            "card.appeal_decided",
            "card.supervision_ordered",
            "card.rectification_returned",
        ]),
        relations: words(&["desk", "holder", "assigned", "on_duty", "registered_by", "caller", "rung"]),
        traits: words(&["urgency", "kind"]),
    };
    assert_eq!(known.check(&tiny()).faults, []);
    assert!(known.load(&tiny()).is_ok());
    let found = |known: &Vocabulary| -> Vec<(String, &str, String)> {
        let faults = known.check(&tiny()).faults;
        let message = |fault: &district::Fault| fault.message(Language::English);
        faults.iter().map(|fault| (fault.file.clone(), fault.code, message(fault))).collect()
    };
    let mut fewer = known.clone();
    fewer.steps.remove("section_head");
    let expected = "“section_head” is no step of the work inside an organization.".to_owned();
    let [(file, code, message)] = &found(&fewer)[..] else { panic!("{:?}", found(&fewer)) };
    assert_eq!((file.as_str(), *code), ("rules.toml", "profile-unknown-step"));
    assert!(message.contains(&expected), "{message}");
    assert!(fewer.load(&tiny()).is_err());
    for (code, word) in [
        ("profile-unknown-kind", "call.rung"),
        ("profile-unknown-relation", "on_duty"),
        ("profile-unknown-trait", "kind"),
    ] {
        let mut fewer = known.clone();
        for words in [&mut fewer.kinds, &mut fewer.relations, &mut fewer.traits] {
            words.remove(word);
        }
        let [(file, found, message)] = &found(&fewer)[..] else { panic!("{:?}", found(&fewer)) };
        assert_eq!((file.as_str(), *found), ("notices.toml", code));
        assert!(message.contains(word), "{message}");
    }
    let mut fewer = known;
    fewer.actions.remove("case.settle");
    let found = found(&fewer);
    assert!(
        !found.is_empty()
            && found.iter().all(|(file, code, _)| (file.as_str(), *code) == ("roles.toml", "profile-unknown-action"))
    );
}
