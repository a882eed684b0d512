//! Reading another system's XML: elements and text. What could be used to exhaust a reader is refused: documents that declare
//! types or entities, great depth, many elements.

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element with its text and its children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("not well-formed: {0}")]
    Malformed(String),
    #[error("it declares types or entities, which are never taken")]
    Declares,
    #[error("it uses the entity {0}, which nobody has declared")]
    Entity(String),
    #[error("its elements lie deeper than {DEEPEST}")]
    TooDeep,
    #[error("it has more than {MOST} elements")]
    TooMany,
}

const DEEPEST: usize = 32;
const MOST: usize = 200_000;

impl Element {
    /// The document's one element.
    pub fn read(document: &[u8]) -> Result<Element, XmlError> {
        let document = std::str::from_utf8(document).map_err(malformed)?;
        let mut reader = Reader::from_str(document);
        let mut open: Vec<Element> = Vec::new();
        let (mut root, mut count) = (None, 0);
        loop {
            let event = reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))?;
            match event {
                Event::Start(start) => {
                    count = counted(count, open.len())?;
                    open.push(named(start.local_name().as_ref())?);
                }
                Event::Empty(start) => {
                    count = counted(count, open.len())?;
                    close(named(start.local_name().as_ref())?, &mut open, &mut root)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(|| XmlError::Malformed("an end without a start".into()))?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => add(&text, &mut open)?,
                Event::CData(text) => add(&text, &mut open)?,
                Event::GeneralRef(name) => {
                    let letter = match name.resolve_char_ref().map_err(malformed)? {
                        Some(letter) => letter,
                        None => predefined(&name)?,
                    };
                    add(letter.encode_utf8(&mut [0; 4]), &mut open)?;
                }
                Event::DocType(_) => return Err(XmlError::Declares),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof if open.is_empty() => break,
                Event::Eof => return Err(XmlError::Malformed("it ends within an element".into())),
            }
        }
        root.ok_or_else(|| XmlError::Malformed("there is no element".into()))
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child, none where it is missing or blank.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        Some(self.child(name)?.text.trim()).filter(|text| !text.is_empty())
    }
}

/// The parser takes whatever stands before a space for a name, quotation marks and all.
fn named(name: &str) -> Result<Element, XmlError> {
    let begins = |letter: char| letter.is_alphabetic() || letter == '_';
    let goes_on = |letter: char| begins(letter) || letter.is_numeric() || matches!(letter, '-' | '.' | '·');
    if !name.starts_with(begins) || !name.chars().all(goes_on) {
        return Err(XmlError::Malformed("an element without a name".into()));
    }
    Ok(Element { name: name.to_owned(), ..Element::default() })
}

fn malformed(error: impl std::fmt::Display) -> XmlError {
    XmlError::Malformed(error.to_string())
}

fn counted(count: usize, depth: usize) -> Result<usize, XmlError> {
    match (count < MOST, depth < DEEPEST) {
        (true, true) => Ok(count + 1),
        (false, _) => Err(XmlError::TooMany),
        (true, false) => Err(XmlError::TooDeep),
    }
}

fn predefined(name: &str) -> Result<char, XmlError> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(XmlError::Entity(name.chars().take(40).collect())),
    }
}

fn add(text: &str, open: &mut [Element]) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError::Malformed("text outside of any element".into())),
    }
    Ok(())
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err(XmlError::Malformed("a second element on the outside".into())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_text_are_read() {
        let text =
            "<?xml version=\"1.0\"?><!-- x --><a:r xmlns:a='u'><b> 1 &lt; 2 &#x20AC;<![CDATA[<&]]></b><b/></a:r>\n";
        let read = Element::read(text.as_bytes()).unwrap();
        assert_eq!((read.name.as_str(), read.children.len()), ("r", 2));
        assert_eq!(read.text_of("b"), Some("1 < 2 €<&"));
        assert_eq!(read.children[1].text, "");
    }

    #[test]
    fn what_could_exhaust_a_reader_is_refused() {
        let laughs = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
        assert_eq!(Element::read(laughs.as_bytes()), Err(XmlError::Declares));
        let outside = "<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><l/>";
        assert_eq!(Element::read(outside.as_bytes()), Err(XmlError::Declares));
        assert_eq!(Element::read(b"<l>&b;</l>"), Err(XmlError::Entity("b".into())));
        let deep = "<a>".repeat(DEEPEST + 1);
        assert_eq!(Element::read(deep.as_bytes()), Err(XmlError::TooDeep));
        let many = format!("<r>{}</r>", "<a/>".repeat(MOST));
        assert_eq!(Element::read(many.as_bytes()), Err(XmlError::TooMany));
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for text in [
            "",
            "x",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&#0;</a>",
            "<a",
            "<a>&#xFFFFFFFF;</a>",
            "<a\">\"/>",
            "<></>",
            "<1/>",
        ] {
            assert!(matches!(Element::read(text.as_bytes()), Err(XmlError::Malformed(_))), "{text}");
        }
        assert!(Element::read(b"<a>\xff</a>").is_err());
    }
}
