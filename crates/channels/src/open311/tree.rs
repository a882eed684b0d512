//! One model for both formats: an answer is a tree, written as JSON or as XML.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// An answer, or a part of one. Fields keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Text(String),
    Number(f64),
    Whole(i64),
    Flag(bool),
    Fields(Vec<(&'static str, Tree)>),
    /// Each item is an element of this name in XML.
    List(&'static str, Vec<Tree>),
}

impl Tree {
    pub fn text(text: impl Into<String>) -> Tree {
        Tree::Text(text.into())
    }

    /// Fields, those left out that have no value.
    pub fn fields(fields: impl IntoIterator<Item = (&'static str, Option<Tree>)>) -> Tree {
        Tree::Fields(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a tree is plain data")
    }

    /// With the declaration, under an element named `root`.
    pub fn to_xml(&self, root: &str) -> String {
        let mut writer = Writer::new(Vec::new());
        let declaration = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
        writer.write_event(declaration).expect("memory can be written to");
        self.element(root, &mut writer);
        String::from_utf8(writer.into_inner()).expect("what was text stays text")
    }

    fn element(&self, name: &str, writer: &mut Writer<Vec<u8>>) {
        let mut write = |event: Event| writer.write_event(event).expect("memory can be written to");
        write(Event::Start(BytesStart::new(name)));
        match self {
            Tree::Text(text) => {
                let allowed: String = text.chars().filter(|letter| is_allowed(*letter)).collect();
                write(Event::Text(BytesText::new(&allowed)));
            }
            Tree::Number(number) => write(Event::Text(BytesText::new(&number.to_string()))),
            Tree::Whole(number) => write(Event::Text(BytesText::new(&number.to_string()))),
            Tree::Flag(flag) => write(Event::Text(BytesText::new(if *flag { "true" } else { "false" }))),
            Tree::Fields(fields) => fields.iter().for_each(|(name, value)| value.element(name, writer)),
            Tree::List(item, items) => items.iter().for_each(|value| value.element(item, writer)),
        }
        writer.write_event(Event::End(BytesEnd::new(name))).expect("memory can be written to");
    }
}

/// Characters that XML 1.0 can hold at all.
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::Number(number) => serializer.serialize_f64(*number),
            Tree::Whole(number) => serializer.serialize_i64(*number),
            Tree::Flag(flag) => serializer.serialize_bool(*flag),
            Tree::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Tree::List(_, items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tree_is_both_formats() {
        let value = Tree::fields([("key", Some(Tree::text("a<&\u{b}"))), ("name", None)]);
        let tree =
            Tree::List("value", vec![value, Tree::Fields(vec![("lat", Tree::Number(1.5)), ("n", Tree::Whole(3))])]);
        assert_eq!(tree.to_json(), r#"[{"key":"a<&\u000b"},{"lat":1.5,"n":3}]"#);
        assert_eq!(
            tree.to_xml("values"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><values><value><key>a&lt;&amp;</key></value>\
             <value><lat>1.5</lat><n>3</n></value></values>"
        );
    }
}
