//! The file.

use std::fmt::Write;

use super::error::PageError;
use super::escaped::{json, place};
use super::levels::Level;
use super::told::told;
use crate::digits::thousands;
use crate::drawing::escape;
use crate::graph::ComputationGraph;
use crate::player;
use crate::replay::{Program, base64, sum};

/// What a page is allowed: what is in it, and a worker that is made of what is in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; \
                      worker-src blob:; img-src data:";

const STYLES: [&str; 2] = [player::STYLE, include_str!("../../player/page.css")];

/// The whole page. (Writing to a string can't fail, so results of `write!` are dropped.)
pub(super) fn write(
    graph: &ComputationGraph,
    program: Option<&Program>,
    levels: &[Level],
) -> Result<String, PageError> {
    let name = escape(graph.name());
    let mut page = String::new();
    _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <link rel=\"icon\" href=\"data:,\"/>\n<title>{name}</title>\n"
    );
    STYLES.iter().for_each(|style| element(&mut page, "style", "", style));
    page.push_str("</head>\n<body>\n");
    head(&mut page, graph, &name);
    page.push_str("<div class=\"pg-both\">\n<main>\n");
    levels.iter().enumerate().for_each(|(id, found)| level(&mut page, levels, id, found));
    page.push_str(
        "</main>\n<aside class=\"pl pg-box\" aria-label=\"The chosen box\" hidden=\"\"></aside>\n</div>\n",
    );
    let told = serde_json::to_string(&told(graph, program, levels))?;
    element(&mut page, "script", " type=\"application/json\" class=\"pg-levels\"", &json(&told));
    if let Some(program) = program {
        element(
            &mut page,
            "script",
            " type=\"application/json\" class=\"pg-program\"",
            &json(&program.to_json()?),
        );
        let values = base64(&program.to_small_safetensors()?);
        let attributes = format!(" type=\"text/plain\" class=\"pg-values\" data-sum=\"{}\"", sum(&values));
        element(&mut page, "script", &attributes, &values);
        player::RUN.iter().for_each(|script| element(&mut page, "script", "", script.text));
    }
    let shown = player::LOOK.iter().chain(player::PAGE);
    shown.for_each(|script| element(&mut page, "script", "", script.text));
    page.push_str("</body>\n</html>\n");
    Ok(page)
}

fn element(page: &mut String, name: &str, attributes: &str, content: &str) {
    _ = writeln!(page, "<{name}{attributes}>\n{}\n</{name}>", content.trim_end());
}

fn head(page: &mut String, graph: &ComputationGraph, name: &str) {
    let many = |count: usize, what: &str| {
        format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
    };
    _ = write!(
        page,
        "<header class=\"pl pg-head\">\n<h1>{name}</h1>\n<p>{}, {}. A click on a box opens it, or tells what is \
         known of it.</p>\n<form class=\"pg-search\" role=\"search\" hidden=\"\"></form>\n</header>\n\
         <nav class=\"pl pg-crumbs\" aria-label=\"Where this is\" hidden=\"\"></nav>\n",
        many(graph.operation_count(), "operation"),
        many(graph.parameter_count(), "parameter"),
    );
}

fn level(page: &mut String, levels: &[Level], id: usize, found: &Level) {
    let (title, description) = (escape(&found.view.title), escape(&found.view.description));
    let wide = if found.narrow.is_some() { "pg-wide" } else { "" };
    _ = write!(
        page,
        "<section class=\"pg-level\" id=\"{}\" data-level=\"{id}\">\n<h2 tabindex=\"-1\">{title}</h2>\n",
        place(&found.path)
    );
    if !found.path.is_empty() {
        _ = writeln!(page, "<p class=\"pg-path\">{}</p>", escape(&found.path));
    }
    // Without a script, this is the way back up.
    let up = found.above.iter().filter_map(|&level| levels.get(level));
    let up: Vec<String> = up
        .map(|level| format!("<a href=\"#{}\">{}</a>", place(&level.path), escape(&level.view.title)))
        .collect();
    if !up.is_empty() {
        _ = writeln!(page, "<p class=\"pg-up\">In {}</p>", up.join(" / "));
    }
    _ = writeln!(page, "<div class=\"pg-drawing\"><div class=\"{wide}\">{}</div>", found.wide.svg);
    if let Some(narrow) = &found.narrow {
        _ = writeln!(page, "<div class=\"pg-narrow\">{}</div>", narrow.svg);
    }
    _ = writeln!(
        page,
        "</div>\n<details class=\"pg-words\"><summary>The same in words</summary><p>{description}</p>{}</details>\n</section>",
        found.wide.text
    );
}
