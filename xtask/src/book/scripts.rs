//! The book's scripts as a reader loads them: without comments, indentation and breaks that mean nothing.
//!
//! Names stay as they are, and so does the inside of strings, templates and regular expressions. What can't be told
//! apart without knowing all of the language's grammar is a mistake, and not a guess.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::links;
use super::script_tokens::{is_word, parts, skipped, token};
use crate::paths;

/// No statement ends with these, so that a break after them means nothing.
const OPEN: &str = "{([,;?:=&|*<>.!~%^";
/// No statement begins with these, except for a bracket, which is looked at by itself.
const ON: &str = ")]},;?:=&|*<>.%^";

/// What only few pages need: the script, and what such a page has.
const NEEDED: &[(&str, &str)] = &[
    ("theme/redraw", "class=\"redraw\""),
    ("theme/recognise", "class=\"recognise\""),
    ("theme/surprises", "id=\"surprises\""),
];

/// Takes scripts out of the pages that have nothing for them.
pub(super) fn only_where_needed(book: &Path) -> Result<()> {
    for path in links::html_files(book)? {
        let page =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?;
        let kept = with_needed(&page);
        if kept != page {
            fs::write(&path, kept).with_context(|| format!("cannot write {}", paths::shown(&path)))?;
        }
    }
    Ok(())
}

fn with_needed(page: &str) -> String {
    let idle = |line: &str| {
        line.trim_start().starts_with("<script src=")
            && NEEDED.iter().any(|(script, place)| line.contains(script) && !page.contains(place))
    };
    page.split_inclusive('\n').filter(|line| !idle(line)).collect()
}

/// Strips all scripts of the built book that are its own.
pub(super) fn strip_all(book: &Path) -> Result<()> {
    let folder = book.join("theme");
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            let shown = paths::shown(&path);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
            let text = stripped(&text).with_context(|| format!("cannot strip {shown}"))?;
            fs::write(&path, text).with_context(|| format!("cannot write {shown}"))?;
        }
    }
    Ok(())
}

/// A script that does the same with fewer letters.
///
/// # Errors
///
/// If something in it does not end, or a slash may be a division as well as a regular expression.
pub(super) fn stripped(script: &str) -> Result<String> {
    let mut written = Written {
        text: String::with_capacity(script.len()),
        open: vec![Bracket::default()],
        was_head: false,
    };
    let (mut before, mut rest) = ("", script);
    loop {
        let (gap, found) = skipped(rest).with_context(|| at(script, rest))?;
        let mut token = token(found, before).with_context(|| at(script, found))?;
        if token.is_empty() {
            return Ok(written.text + "\n");
        }
        rest = &found[token.len()..];
        if token.starts_with('`') {
            written.add_template(between(before, gap, token), token).with_context(|| at(script, found))?;
        } else {
            let is_key = before == "." || skipped(rest).is_ok_and(|(_, next)| next.starts_with(':'));
            token = match token {
                "true" if !is_key => "!0",
                "false" if !is_key => "!1",
                token => token,
            };
            written.add(before, between(before, gap, token), token);
        }
        before = token;
    }
}

/// What has been written of a script.
struct Written {
    text: String,
    open: Vec<Bracket>,
    /// Whether the last token ended the head of a loop or a condition: a semicolon behind it is a statement.
    was_head: bool,
}

/// A bracket that is open.
#[derive(Default)]
struct Bracket {
    is_head: bool,
    /// In the middle of a `const`.
    is_const: bool,
}

impl Written {
    fn add(&mut self, before: &str, gap: &str, token: &str) {
        let mut gap = gap;
        match token {
            "(" | "[" | "{" => {
                let is_head = ["if", "for", "while", "with"].contains(&before);
                self.open.push(Bracket { is_head, is_const: false });
            }
            "}" if before == ";" && !self.was_head => _ = self.text.pop(),
            ">" if before == "=" => self.bare(),
            _ => {}
        }
        if matches!(token, ")" | "]" | "}") {
            self.was_head = self.open.pop().is_some_and(|bracket| bracket.is_head);
        } else if let Some(Bracket { is_const, .. }) = self.open.last_mut() {
            self.was_head &= token == ";";
            // Two declarations are one with a comma.
            if token == "const" && before == ";" && *is_const {
                self.text.pop();
                self.text.push(',');
                return;
            }
            // A declaration goes on until its semicolon, behind which another may follow.
            if token == "const" || before == ";" || gap == "\n" {
                *is_const = token == "const";
            }
        }
        if before == "const" && self.text.ends_with(',') {
            gap = "";
        }
        self.text += gap;
        self.text += token;
    }

    /// A template, with what is put into it stripped, too.
    fn add_template(&mut self, gap: &str, template: &str) -> Result<()> {
        self.text += gap;
        let mut done = 0;
        for inside in parts(template)?.1 {
            self.text += &template[done..inside.start];
            done = inside.end;
            self.text += stripped(&template[inside])?.trim_end();
        }
        self.text += &template[done..];
        Ok(())
    }

    /// An arrow's only argument needs no brackets: `(a)=` becomes `a=`.
    fn bare(&mut self) {
        let Some(inside) = self.text.strip_suffix(")=") else { return };
        let start = inside.rfind(|letter| !is_word(letter)).unwrap_or(0);
        let called = inside[..start].chars().last().is_some_and(is_word);
        if inside[start..].starts_with('(') && inside.len() > start + 1 && !called {
            self.text.truncate(self.text.len() - 2);
            self.text.remove(start);
            self.text.push('=');
        }
    }
}

fn at(script: &str, rest: &str) -> String {
    let read = &script[..script.len() - rest.len()];
    format!("line {}", read.matches('\n').count() + 1)
}

/// What must stand between two tokens, instead of a gap: nothing, a space, or a break, which may end a statement.
fn between(before: &str, gap: &str, token: &str) -> &'static str {
    let (Some(last), Some(first)) = (before.chars().last(), token.chars().next()) else { return "" };
    let is_sign = before.len() == 1;
    if gap.contains('\n') && !(is_sign && OPEN.contains(last)) && !ON.contains(first) {
        return "\n";
    }
    let number = before.starts_with(|letter: char| letter.is_ascii_digit());
    let joins = (is_word(last) && is_word(first))
        || (last == first && "+-/&|".contains(first))
        || (last == '/' && "*/".contains(first))
        || (number && first == '.');
    if joins && !gap.is_empty() { " " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(script: &str, expected: &str) {
        assert_eq!(stripped(script).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn a_script_is_where_it_is_needed() {
        let [redraw, other] = ["redraw-1f.js", "story-2f.js"]
            .map(|name| format!("        <script src=\"../theme/{name}\"></script>\n"));
        assert_eq!(
            with_needed(&format!("<p>a</p>\n{redraw}{other}</body>")),
            format!("<p>a</p>\n{other}</body>")
        );
        let page = format!("<div class=\"redraw\" data-x></div>\n{redraw}{other}");
        assert_eq!(with_needed(&page), page);
    }

    #[test]
    fn comments_spaces_and_breaks_go() {
        gives("// A.\n/** B. */\nconst a = { b: 1, /* C */ c };\n\n    f(a);\n", "const a={b:1,c};f(a);");
        gives("f(\n    a,\n    (b) => b * 2,\n)\n", "f(a,b=>b*2,)");
        gives("x\n    .map(y)\n    ?.z", "x.map(y)?.z");
        gives("", "");
    }

    #[test]
    fn what_is_said_shorter_is() {
        gives(
            "const a = 1;\nconst [b] = (c) => { const d = 2; return d; };\nconst { e } = f;",
            "const a=1,[b]=c=>{const d=2;return d},{e}=f;",
        );
        gives("const a = 1;\nf();\nconst b = 2;", "const a=1;f();const b=2;");
        gives("const a = 1\nf();\nconst b = 2;", "const a=1\nf();const b=2;");
        gives("for (const a of b) { c; }\nconst d = 1;", "for(const a of b){c}\nconst d=1;");
        gives("if (a) { b(); }", "if(a){b()}");
        gives("a = true ? { true: false } : b.true", "a=!0?{true:!1}:b.true");
        gives("() => { while (a); }", "()=>{while(a);}");
        gives(
            "f((a) => 1, async (b) => 2, (c, d) => 3, ({ e }) => 4, () => 5)",
            "f(a=>1,async(b)=>2,(c,d)=>3,({e})=>4,()=>5)",
        );
    }

    #[test]
    fn what_means_something_stays() {
        // A statement may end with a break, after these and before those.
        gives("let a = b\nlet c = d", "let a=b\nlet c=d");
        gives("a++\nb", "a++\nb");
        gives("a\n++b", "a\n++b");
        gives("f()\n[1].g()", "f()\n[1].g()");
        gives("return /* A\nbreak. */ x", "return\nx");
        // Signs that would become others.
        gives("a + +b - -c + ++d", "a+ +b- -c+ ++d");
        gives("1 .toFixed()", "1 .toFixed()");
        gives("typeof x in y", "typeof x in y");
        // A string beside a word needs no space, and keeps its own.
        gives("case 'a  // b': return \"c\\\" /* d\";", "case'a  // b':return\"c\\\" /* d\";");
        gives("const é = 1", "const é=1");
    }

    #[test]
    fn regular_expressions_are_no_divisions() {
        gives("a / b / c", "a/b/c");
        gives("f(a) / b / c; x[0] / y / z", "f(a)/b/c;x[0]/y/z");
        gives("s.replace(/ \\/[/] '/g, x)", "s.replace(/ \\/[/] '/g,x)");
        gives("const a = /  \"/ ; return /`  /i.test(b)", "const a=/  \"/;return/`  /i.test(b)");
        gives("a / /b/.exec(c)", "a/ /b/.exec(c)");
        gives("i++ / 2", "i++/2");
    }

    #[test]
    fn templates_keep_all_that_they_say() {
        gives(
            "`a  ${ b  +  `c  ${ { d: '}' }.d }` }  // e\n  f` + g",
            "`a  ${b+`c  ${{d:'}'}.d}`}  // e\n  f`+g",
        );
        gives("`\\`  ${1}` ; `$`", "`\\`  ${1}`;`$`");
    }

    #[test]
    fn what_may_be_either_is_a_mistake_with_its_line() {
        for (script, expected) in [
            ("a\n/* b", "line 1: a comment does not end"),
            ("a\n'b\n'", "line 2: a string does not end"),
            ("`a ${b", "line 1: what is put into a template does not end"),
            ("`a ${b}", "line 1: a template does not end"),
            ("x = /a\n/", "line 1: a regular expression does not end"),
            ("a\n\n{} / b", "line 3: a slash after `}` may be a division or a regular expression"),
        ] {
            assert_eq!(format!("{:#}", stripped(script).unwrap_err()), expected, "{script}");
        }
    }

    #[test]
    fn to_strip_twice_is_to_strip_once() {
        for entry in fs::read_dir(paths::docs().join("theme")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "js") {
                let text = fs::read_to_string(&path).unwrap();
                let once = stripped(&text).unwrap();
                assert!(once.len() < text.len(), "{}", path.display());
                assert_eq!(stripped(&once).unwrap(), once, "{}", path.display());
            }
        }
    }
}
