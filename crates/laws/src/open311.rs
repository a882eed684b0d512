//! What another system answers: XML and JSON of Open311.

use channels::open311::xml::Element;
use channels::open311::{Theirs, Tree, of_json, of_xml};
use serde_json::{Map, Value};

use crate::take::Take;

/// As `xml` has them.
const DEEPEST: usize = 32;
const MOST: usize = 200_000;
const NAMES: [&str; 6] = ["service_request_id", "status", "service_code", "description", "address", "lat"];

/// The first byte says what the data are: `=` texts that are written by us and must be read as they are, `[` a JSON answer,
/// anything else a document of XML.
pub fn law(data: &[u8]) {
    match data.first() {
        Some(b'=') => ours_is_read(Take(&data[1..])),
        Some(b'[') => of_json(data).unwrap_or_default().iter().for_each(sound),
        _ => document(data),
    }
}

/// A document is refused, or it is a tree within bounds that says the same when it is written out and read again.
fn document(data: &[u8]) {
    let Ok(root) = Element::read(data) else {
        return assert!(of_xml(data).is_err(), "there is one reader");
    };
    let mut held = 0;
    let count = measure(&root, 1, &mut held);
    assert!(count <= MOST && held <= data.len(), "{count} elements, {held} bytes of {}", data.len());
    let mut written = String::new();
    write(&root, &mut written);
    assert_eq!(Element::read(written.as_bytes()).as_ref(), Ok(&root));
    let Ok(theirs) = of_xml(data) else { return assert_ne!(root.name, "service_requests") };
    theirs.iter().for_each(sound);
    assert!(of_json(json(&root).to_string().as_bytes()).is_ok_and(|same| same == theirs), "both formats say the same");
}

fn measure(element: &Element, depth: usize, held: &mut usize) -> usize {
    assert!(depth <= DEEPEST);
    *held += element.name.len() + element.text.len();
    1 + element.children.iter().map(|child| measure(child, depth + 1, held)).sum::<usize>()
}

fn write(element: &Element, into: &mut String) {
    let text = element.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    into.push_str(&format!("<{}>{text}", element.name));
    element.children.iter().for_each(|child| write(child, into));
    into.push_str(&format!("</{}>", element.name));
}

/// The same answer as the other format has it.
fn json(root: &Element) -> Value {
    let request = |element: &Element| {
        let mut fields = Map::new();
        for child in &element.children {
            fields.entry(child.name.clone()).or_insert_with(|| child.text.clone().into());
        }
        Value::Object(fields)
    };
    root.children.iter().filter(|child| child.name == "request").map(request).collect()
}

/// What is kept can be stored, asked for by its identifier, and told.
fn sound(theirs: &Theirs) {
    assert!(theirs.id.len() <= 200 && !theirs.id.contains(','));
    let optional = [&theirs.service_name, &theirs.description, &theirs.status_notes, &theirs.address];
    let texts = [&theirs.id, &theirs.service_code].into_iter().chain(optional.into_iter().flatten());
    for text in texts {
        assert!(!text.contains('\0'));
    }
    for instant in [theirs.requested_at, theirs.updated_at].into_iter().flatten() {
        assert_eq!(instant.to_string().parse().ok(), Some(instant));
    }
}

/// Whatever a reporter wrote: our XML says it, but for what XML has no way to write.
fn ours_is_read(mut take: Take<'_>) {
    let mut texts: Vec<Vec<String>> = Vec::new();
    while !take.is_empty() && texts.len() < 50 {
        let fields = take.below(NAMES.len() + 1);
        texts.push((0..fields).map(|_| take.text()).collect());
    }
    let request = |texts: &Vec<String>| {
        Tree::fields(NAMES.into_iter().zip(texts).map(|(name, text)| (name, Some(Tree::text(text.as_str())))))
    };
    let written = Tree::List("request", texts.iter().map(request).collect()).to_xml("service_requests");
    let read = Element::read(written.as_bytes()).expect("what we write is read");
    assert_eq!(read.children.len(), texts.len());
    for (read, texts) in read.children.iter().zip(&texts) {
        let found: Vec<_> = read.children.iter().map(|child| (child.name.as_str(), child.text.clone())).collect();
        let said: Vec<_> = NAMES.into_iter().zip(texts.iter().map(|text| writable(text))).collect();
        assert_eq!(found, said);
    }
}

fn writable(text: &str) -> String {
    let is_control = |letter: char| letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    text.chars().filter(|letter| !is_control(*letter) && !matches!(letter, '\u{fffe}' | '\u{ffff}')).collect()
}
