//! Address text to places, on the tiny profile.

use district::{Found, Profile};
use kernel::Instant;
use kernel::text::Language;

use crate::tiny;

fn code(found: &Found<'_>) -> String {
    match found {
        Found::Building(building) => building.code.clone(),
        Found::Road(road) => road.code.clone(),
        Found::Crossing(a, b) => format!("{}x{}", a.code, b.code),
    }
}

/// The likeliest place of each address, and the codes of its reasons.
fn check(addresses: &[(&str, &str, &[&str])]) {
    let profile = Profile::load(&tiny()).unwrap();
    for (address, expected, reasons) in addresses {
        let found = profile.find_address(address, Instant::EPOCH, 5);
        let all: Vec<_> = found.iter().map(|candidate| (code(&candidate.found), candidate.score)).collect();
        let Some(first) = found.first() else { panic!("{address}: nothing") };
        assert_eq!(code(&first.found), *expected, "{address}: {all:?}");
        let given: Vec<_> = first.reasons.iter().map(|reason| reason.code()).collect();
        assert_eq!(&given, reasons, "{address}");
        assert!(found.iter().all(|candidate| (0.0..=1.0).contains(&candidate.score)), "{address}: {all:?}");
        for reason in &first.reasons {
            assert!(!reason.message(Language::Chinese).contains("{$"));
        }
    }
}

#[test]
fn chinese_addresses() {
    check(&[
        ("东亭路8号", "B0003", &["address-road", "address-number"]),
        ("小样区东亭路 ８ 号门口有垃圾", "B0003", &["address-road", "address-number"]),
        ("东亭大街八号", "B0003", &["address-road-alias", "address-number"]),
        ("东亭路二十二之一", "R01", &["address-road"]),
        ("东亭路22-1号", "B0006", &["address-road", "address-number"]),
        ("东亭路22号", "B0006", &["address-road", "address-number-near"]),
        ("桂花巷31号旁边", "B0004", &["address-road", "address-number"]),
        ("桂花社区东亭路5号", "B0002", &["address-road", "address-number-near", "address-area"]),
        ("荷塘新村楼下井盖坏了", "B0011", &["address-name", "address-area"]),
        ("西塘中路147号", "B0008", &["address-road", "address-number-in-range"]),
        ("东亭路与桂花巷交叉口", "R01xR02", &["address-road", "address-road", "address-crossing"]),
    ]);
}

#[test]
fn english_addresses() {
    check(&[
        ("145-151 Xitang Middle Rd", "B0008", &["address-road", "address-number"]),
        ("149 Xitang Mid Road, Xiaoyang", "B0008", &["address-road", "address-number-in-range"]),
        ("153a xitang middle road", "B0009", &["address-road", "address-number"]),
        ("7 Lotus St.", "B0010", &["address-road", "address-number"]),
        ("7 Hehua Street", "B0010", &["address-road-alias", "address-number"]),
        ("Dongting Tower", "B0005", &["address-name"]),
        ("Lotus Street", "R04", &["address-road"]),
    ]);
}

#[test]
fn slips_of_the_pen() {
    check(&[
        ("东停路8号", "B0003", &["address-road-like", "address-number"]),
        ("荷花路9号", "B0011", &["address-road-like", "address-number"]),
        ("7 Lotos Street", "B0010", &["address-road-like", "address-number"]),
        ("8 Dongtng Rd", "B0003", &["address-road-like", "address-number"]),
    ]);
}

#[test]
fn what_is_not_there_is_not_found() {
    let profile = Profile::load(&tiny()).unwrap();
    for text in ["", "在家里", "1600 Pennsylvania Avenue", "号", "北京南路"] {
        let found = profile.find_address(text, Instant::EPOCH, 5);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

/// Whatever a building's address is written as from the profile leads back to it, in both languages.
#[test]
fn every_building_is_found_by_its_own_address() {
    let profile = Profile::load(&tiny()).unwrap();
    for building in profile.places.buildings() {
        let Some(address) = profile.places.address(building) else { continue };
        for text in [address.zh, address.en] {
            let found = profile.find_address(&text, Instant::EPOCH, 1);
            assert_eq!(code(&found[0].found), building.code, "{text}");
        }
    }
}
