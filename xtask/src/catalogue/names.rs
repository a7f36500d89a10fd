//! What the paper calls a place in the model: from its path to a title.

use super::captures::Captured;
use super::diagram::Shown;

/// What is told of a place, and how much of it is shown.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) shown: Shown,
}

/// Ids that chapters use, of places that have a longer one by their path.
const SHORT: [(&str, &str); 8] = [
    ("encoder-self-attention", "multi-head-attention"),
    ("encoder-self-attention-scaled-dot-product", "scaled-dot-product-attention"),
    ("encoder-feed-forward", "feed-forward"),
    ("encoder-feed-forward-add-norm", "sublayer-post-norm"),
    ("pre-norm-encoder-feed-forward-add-norm", "sublayer-pre-norm"),
    ("pre-norm-encoder-stack", "encoder-stack"),
    ("source-embeddings", "embeddings"),
    ("target-mask", "masks"),
];

/// What is told of the scope at `path`; of scopes that the paper has no name for, what their spans are called.
pub(super) fn tell(captured: Captured, path: &str) -> Told {
    let place = Place { captured, path };
    let mut told = place.in_a_layer().or_else(|| place.elsewhere()).unwrap_or_else(|| place.unnamed());
    let (before, after) = match captured {
        Captured::PostNorm => ("", ""),
        Captured::PreNorm => ("pre-norm-", ", with pre-norm"),
        Captured::LanguageModel => ("language-model-", ""),
        Captured::Steps => ("cached-", ", one step with the cache"),
        Captured::Relu => ("relu-", ", with ReLU"),
        Captured::Gelu => ("gelu-", ", with GELU"),
    };
    told.id = format!("{before}{}", told.id);
    told.title += after;
    if let Some((_, short)) = SHORT.iter().find(|(long, _)| *long == told.id) {
        told.id = (*short).to_owned();
    }
    told
}

/// A scope and the model that it is part of.
#[derive(Clone, Copy)]
struct Place<'a> {
    captured: Captured,
    path: &'a str,
}

impl Place<'_> {
    /// Parts of its path without their numbers, the innermost first.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.path.rsplit('/').map(|part| part.split('.').next().unwrap_or(part))
    }

    fn last(&self) -> &str {
        self.names().next().unwrap_or_default()
    }

    /// Which tower it is in: as an id has it, and whose part that makes it.
    fn tower(&self) -> (&'static str, &'static str) {
        match self.captured {
            Captured::LanguageModel => ("", "the language model's"),
            _ if self.names().any(|name| name == "decoder") => ("decoder-", "the decoder's"),
            _ => ("encoder-", "the encoder's"),
        }
    }

    /// What the sub-layer around it does, and what meets there.
    fn sublayer(&self) -> Option<(&'static str, &'static str)> {
        let (_, inside) = self.path.split_once("sublayer.")?;
        let number = inside.split('/').next()?;
        Some(match (self.tower().0, self.captured, number) {
            ("encoder-", _, "0") => (
                "self-attention",
                "Queries, keys and values all come from the source; the mask hides its padding.",
            ),
            ("decoder-", Captured::Steps, "0") => (
                "self-attention",
                "The query comes from the newest token; no mask is needed, since the future isn't there.",
            ),
            ("decoder-", _, "0") => (
                "masked self-attention",
                "Queries, keys and values all come from the target; the mask hides the future and the padding.",
            ),
            ("decoder-", _, "1") => (
                "cross-attention",
                "Queries come from the target, keys and values from the encoder's memory; the mask hides the source's \
                 padding.",
            ),
            ("", _, "0") => (
                "self-attention",
                "Queries, keys and values all come from the same tokens; the mask hides the future.",
            ),
            _ => ("feed-forward", "The feed-forward network treats every position alike."),
        })
    }

    /// Which tokens it is about, if there are two kinds: as an id has it, and in words.
    fn tokens(&self) -> (&'static str, &'static str) {
        match self.captured {
            Captured::LanguageModel => ("", ""),
            _ if self.path.contains("embeddings.1") || self.path.contains("target_mask") => {
                ("target-", " of the target")
            }
            _ => ("source-", " of the source"),
        }
    }

    fn in_a_layer(&self) -> Option<Told> {
        let (owner, whose) = self.tower();
        let norm = match self.captured {
            Captured::PreNorm | Captured::LanguageModel => {
                "Its input is normalised first, and the residual connection leads around both: x + f(norm(x))."
            }
            _ => "The residual connection leads around it, and the norm comes last: norm(x + f(x)).",
        };
        let more = match self.captured {
            Captured::PostNorm => "",
            _ => " Each norm comes before what it is for.",
        };
        if matches!(self.last(), "stack" | "decoder") {
            let name = format!("{}stack", owner.replace('-', " "));
            let text = "Equal layers, and the norm on top that pre-norm needs.";
            let mut found = told(&format!("{owner}stack"), &name, &format!("{} stack", capital(whose)), text);
            found.shown.depth = 2;
            return Some(found);
        }
        if self.last() == "layer" {
            let first = if owner == "decoder-" {
                "Masked self-attention, attention to the encoder's memory, and the feed-forward network"
            } else {
                "Self-attention, then the position-wise feed-forward network"
            };
            let name = format!("{}layer", owner.replace('-', " "));
            let text = format!("{first}; around each a residual connection and layer normalisation.{more}");
            let title = match owner {
                "encoder-" => "An encoder layer",
                "decoder-" => "A decoder layer",
                _ => "A layer of the language model",
            };
            return Some(told(&format!("{owner}layer"), &name, title, &text));
        }
        let (used, meets) = self.sublayer()?;
        let id = format!("{owner}{}", used.replace(' ', "-"));
        let mut found = match self.last() {
            "sublayer" => {
                let title = format!("Residual and norm around {whose} {used}");
                told(&format!("{id}-add-norm"), "Add & Norm", &title, &format!("{norm} {meets}"))
            }
            "multi_head_attention" => {
                let text = format!(
                    "Multi-head attention. {meets} They are projected and split into heads, attended to, concatenated, and projected once more."
                );
                told(&id, used, &format!("{} {used}", capital(whose)), &text)
            }
            "attention" => {
                let title = format!("Scaled dot-product attention in {whose} {used}");
                let text = format!("Queries times keys, scaled, through a softmax, times values. {meets}");
                told(&format!("{id}-scaled-dot-product"), "scaled dot-product", &title, &text)
            }
            "feed_forward" => {
                let title = format!("{} position-wise feed-forward network", capital(whose));
                let text = "Two linear layers with a ReLU between them, the same for every position.";
                told(&id, used, &title, text)
            }
            _ => return None,
        };
        found.shown.norms_apart = self.last() == "sublayer";
        found.shown.masks = matches!(self.last(), "multi_head_attention" | "attention");
        Some(found)
    }

    fn elsewhere(&self) -> Option<Told> {
        let (which, of) = self.tokens();
        let id = |name: &str| format!("{which}{name}");
        Some(match self.last() {
            "embeddings" => told(
                &id("embeddings"),
                "embeddings",
                &format!("Embeddings and positional encoding{of}"),
                "Token ids become rows of a table, scaled by the root of d_model; the positional encoding is added.",
            ),
            "embedding" => told(
                &id("embedding"),
                "embedding",
                &format!("Looking up the tokens{of}"),
                "Every id picks a row of the table, and the row is scaled by the root of d_model.",
            ),
            "generator" => told(
                "generator",
                "generator",
                "The generator",
                "The linear layer that scores every token of the vocabulary, with the embedding's matrix.",
            ),
            "probabilities" => told(
                "softmax",
                "softmax",
                "The softmax on top",
                "At each position, the scores of the vocabulary's tokens become probabilities: e to the power of each, \
                 divided by the sum of all.",
            ),
            "target_mask" => told(
                "target-mask",
                "mask",
                "The decoder's mask",
                "The future and the padding, each hidden from the queries, together.",
            ),
            "padding_mask" => told(
                &id("padding-mask"),
                "padding mask",
                &format!("The padding mask{of}"),
                "True where an id is that of padding: there is nothing to attend to.",
            ),
            "causal_mask" => told(
                "causal-mask",
                "causal mask",
                "The causal mask",
                "True above the diagonal: no position attends to those after it.",
            ),
            _ => return None,
        })
    }

    fn unnamed(&self) -> Told {
        let words = self.last().replace('_', " ");
        let id: String = self.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        told(&id, &words, &format!("Inside {words}"), "")
    }
}

fn told(id: &str, name: &str, title: &str, description: &str) -> Told {
    Told {
        id: id.to_owned(),
        name: capital(name),
        title: title.to_owned(),
        description: description.to_owned(),
        shown: Shown::INSIDE,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_called_by_its_path() {
        let decoder = "transformer/decoder/layer.0/sublayer";
        for (captured, path, id, title) in [
            (Captured::PostNorm, "transformer/stack/layer.0".to_owned(), "encoder-layer", "An encoder layer"),
            (
                Captured::PreNorm,
                format!("{decoder}.2"),
                "pre-norm-decoder-feed-forward-add-norm",
                "Residual and norm around the decoder's feed-forward, with pre-norm",
            ),
            (
                Captured::PostNorm,
                format!("{decoder}.1/multi_head_attention/attention"),
                "decoder-cross-attention-scaled-dot-product",
                "Scaled dot-product attention in the decoder's cross-attention",
            ),
            (Captured::PostNorm, "transformer/target_mask".to_owned(), "masks", "The decoder's mask"),
            (
                Captured::LanguageModel,
                "language_model/new_part".to_owned(),
                "language-model-language-model-new-part",
                "Inside new part",
            ),
        ] {
            let told = tell(captured, &path);
            assert_eq!((told.id.as_str(), told.title.as_str()), (id, title));
        }
    }
}
