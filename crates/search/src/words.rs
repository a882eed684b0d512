//! Texts as words: Chinese by the dictionary of jieba, everything else by runs of letters and digits.

use std::sync::LazyLock;

use tantivy_jieba::jieba_rs::Jieba;

/// Characters of a word that are kept; a longer run says nothing more.
const LONGEST: usize = 64;

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it stands in the index.
    pub term: String,
    pub chinese: bool,
    /// Where it stands in the text, in characters: from the first to the one behind the last.
    pub from: usize,
    pub until: usize,
}

/// A stretch of a text that is all Chinese, or all other letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub text: String,
    pub chinese: bool,
    /// Where it begins, in characters.
    pub from: usize,
}

/// The words of a text for the index: every word of the dictionary that stands anywhere in it, and the characters that stand in
/// none. So a text that holds a question letter by letter holds each word of it, however either is cut.
pub(crate) fn for_index(text: &str) -> Vec<Word> {
    words(text, |run| {
        let mut words = in_dictionary(run);
        let mut covered = vec![false; run.chars().count()];
        words.iter().for_each(|(from, until)| covered[*from..*until].fill(true));
        words.extend((0..covered.len()).filter(|at| !covered[*at]).map(|at| (at, at + 1)));
        words
    })
}

/// The words of a question: each character in just one of them, as few as can be alone.
pub(crate) fn for_question(text: &str) -> Vec<Word> {
    words(text, |run| {
        let dictionary = in_dictionary(run);
        let length = run.chars().count();
        // From each place to the end: characters alone, words, and where the first of them ends. The fewest count.
        let mut best: Vec<(usize, usize, usize)> = vec![(0, 0, length); length + 1];
        for at in (0..length).rev() {
            let alone = (best[at + 1].0 + 1, best[at + 1].1 + 1, at + 1);
            let begun = dictionary.iter().filter(|(from, _)| *from == at);
            let begun = begun.map(|(_, until)| (best[*until].0, best[*until].1 + 1, *until));
            best[at] = begun.chain([alone]).min().unwrap_or(alone);
        }
        let first = (length > 0).then(|| (0, best[0].2));
        std::iter::successors(first, |(_, at)| (*at < length).then(|| (*at, best[*at].2))).collect()
    })
}

/// Each Chinese character by itself and each run of letters and digits: what a text is made of when it is taken literally.
pub(crate) fn letters(text: &str) -> Vec<Word> {
    words(text, |run| (0..run.chars().count()).map(|at| (at, at + 1)).collect())
}

/// From and until of the words of two characters and more, in characters.
fn in_dictionary(run: &str) -> Vec<(usize, usize)> {
    let places = JIEBA.cut_all(run).into_iter().map(|word| (word.start, word.end));
    places.filter(|(from, until)| until - from >= 2).collect()
}

fn words(text: &str, cut: impl Fn(&str) -> Vec<(usize, usize)>) -> Vec<Word> {
    let mut words = Vec::new();
    for run in runs(text) {
        if run.chinese {
            let characters: Vec<char> = run.text.chars().collect();
            words.extend(cut(&run.text).into_iter().map(|(from, until)| Word {
                term: characters[from..until].iter().collect(),
                chinese: true,
                from: run.from + from,
                until: run.from + until,
            }));
        } else {
            let until = run.from + run.text.chars().count();
            let term = run.text.chars().take(LONGEST).collect();
            words.push(Word { term, chinese: false, from: run.from, until });
        }
    }
    words
}

/// Folded and cut where the kind of character changes; signs and spaces are left out.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (at, character) in text.chars().map(fold).enumerate() {
        let chinese = is_chinese(character);
        if !chinese && !character.is_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut().filter(|run| open && run.chinese == chinese) {
            Some(run) => run.text.push(character),
            None => runs.push(Run { text: character.to_string(), chinese, from: at }),
        }
        open = true;
    }
    runs
}

/// One character for one, so that places in the folded text are those of the text: full-width forms to plain ones, capitals to
/// small letters.
fn fold(character: char) -> char {
    let plain = match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    };
    let mut small = plain.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => plain,
    }
}

pub(crate) fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(words: Vec<Word>) -> Vec<String> {
        words.into_iter().map(|word| word.term).collect()
    }

    #[test]
    fn chinese_by_the_dictionary_and_the_rest_by_runs() {
        assert_eq!(terms(for_question("路灯不亮，已3天")), ["路", "灯不亮", "已", "3", "天"]);
        assert_eq!(terms(for_question("ＡＢ１２ Road-x")), ["ab12", "road", "x"]);
        let indexed = terms(for_index("路灯不亮"));
        assert!(["路灯", "灯不亮"].iter().all(|word| indexed.contains(&(*word).to_owned())), "{indexed:?}");
        assert!(for_index("，。 !").is_empty());
    }

    /// What makes a question of several words find every text in which it stands.
    #[test]
    fn a_text_holds_each_word_of_any_piece_of_it() {
        let text = "人民公园门口路灯不亮已三天请尽快派人处理下水道井盖破损";
        let indexed = terms(for_index(text));
        let characters: Vec<char> = text.chars().collect();
        for from in 0..characters.len() {
            for until in from + 1..=characters.len() {
                let piece: String = characters[from..until].iter().collect();
                let asked = for_question(&piece);
                let whole: String = asked.iter().map(|word| word.term.as_str()).collect();
                assert_eq!(whole, piece);
                for word in asked.into_iter().map(|word| word.term) {
                    let single = word.chars().count() == 1;
                    let held = |term: &String| if single { term.contains(&word) } else { *term == word };
                    assert!(indexed.iter().any(held), "{word} of {piece}");
                }
            }
        }
    }

    #[test]
    fn places_are_those_of_the_text_in_characters() {
        let text = "在Ａ座：路灯坏";
        for word in for_index(text) {
            let piece: String = text.chars().skip(word.from).take(word.until - word.from).map(fold).collect();
            assert_eq!(piece, word.term);
        }
    }
}
