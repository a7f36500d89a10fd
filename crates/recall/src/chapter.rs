//! What a chapter asks to be remembered: the key facts at its end, what leads to them, and its questions.

/// What was found in the Markdown of a chapter. All texts are Markdown, as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chapter {
    /// The first heading.
    pub title: String,
    /// What the reader is asked to write down, in the section before the facts.
    pub prompt: String,
    /// The items of the list of key facts.
    pub facts: Vec<String>,
    /// What `Question N.` asks, and what is folded away below it.
    pub questions: Vec<(String, String)>,
}

impl Chapter {
    /// Reads a chapter. One that asks for nothing is none that is wrong: its parts are empty.
    #[must_use]
    pub fn read(markdown: &str) -> Self {
        let mut chapter = Self::default();
        let title = markdown.lines().find_map(|line| line.strip_prefix("# "));
        title.unwrap_or_default().trim().clone_into(&mut chapter.title);
        let section =
            markdown.split("\n## ").find(|section| section.starts_with("Write down what you remember"));
        let asked = section.and_then(|section| section.split_once('\n')).map_or("", |(_, rest)| rest);
        chapter.prompt = asked.split("<details>").next().unwrap_or_default().trim().to_owned();
        for folded in markdown.split("<details>").skip(1) {
            let Some((summary, body)) = folded.split_once("</summary>") else { continue };
            let summary = summary.trim().trim_start_matches("<summary>").trim();
            let body = body.split("</details>").next().unwrap_or_default().trim();
            if summary.to_lowercase().contains("key facts") {
                chapter.facts.extend(items(body));
            } else if let Some(question) = question(summary) {
                chapter.questions.push((question.to_owned(), body.to_owned()));
            }
        }
        chapter
    }
}

/// Facts of a text: those of a chapter, or else a line for each, with a mark of a list before it or not.
#[must_use]
pub fn facts(text: &str) -> Vec<String> {
    let chapter = Chapter::read(text);
    if !chapter.facts.is_empty() {
        return chapter.facts;
    }
    let plain = |line: &str| line.trim().trim_start_matches(['-', '*']).trim().to_owned();
    text.lines().map(plain).filter(|fact| !fact.is_empty() && !fact.starts_with('#')).collect()
}

/// What `Question 3. Why?` asks.
fn question(summary: &str) -> Option<&str> {
    let (number, asked) = summary.strip_prefix("Question ")?.split_once('.')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| asked.trim())
}

/// The items of a list; lines that go on are put together.
fn items(list: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match (line.strip_prefix("- "), items.last_mut()) {
            (Some(item), _) => items.push(item.to_owned()),
            (None, Some(last)) => *last += &format!(" {line}"),
            (None, None) => {}
        }
    }
    items
}
