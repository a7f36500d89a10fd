//! JSON that a person can read: a line for each member of an object, and lists of numbers in one line.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// A value as JSON text, with a line break at its end.
pub(super) fn tidy(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Tidy::default()))?;
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Remembers the lists and objects that are open.
#[derive(Default)]
struct Tidy(Vec<Open>);

struct Open {
    is_list: bool,
    /// Whether its parts have lines of their own. Those of a list have if they are objects.
    in_lines: bool,
}

impl Tidy {
    fn line(&self, writer: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.0.len()).try_for_each(|_| writer.write_all(b"  "))
    }

    fn close(&mut self, writer: &mut (impl io::Write + ?Sized), end: &[u8]) -> io::Result<()> {
        if self.0.pop().is_some_and(|open| open.in_lines) {
            self.line(writer)?;
        }
        writer.write_all(end)
    }
}

impl Formatter for Tidy {
    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.push(Open { is_list: true, in_lines: false });
        writer.write_all(b"[")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(list) = self.0.last_mut().filter(|open| open.is_list) {
            list.in_lines = true;
            self.line(writer)?;
        }
        self.0.push(Open { is_list: false, in_lines: false });
        writer.write_all(b"{")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if let Some(object) = self.0.last_mut() {
            object.in_lines = true;
        }
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn numbers_share_lines_and_objects_do_not() {
        let value =
            json!({ "a": [[1, 2], [3, 4]], "b": { "c": "{,}\n" }, "d": [{ "e": null }, {}], "f": [] });
        let text = tidy(&value).unwrap();
        let expected = "{\n  \"a\": [[1,2],[3,4]],\n  \"b\": {\n    \"c\": \"{,}\\n\"\n  },\n  \"d\": [\n    {\n      \
                        \"e\": null\n    },\n    {}\n  ],\n  \"f\": []\n}\n";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
