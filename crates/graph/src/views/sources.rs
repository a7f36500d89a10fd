//! Where the code is that a box stands for.

use super::builder::{Builder, Entry};
use crate::captured::{Captured, ScopeId};
use crate::fold::{ItemId, Pattern, What};
use crate::view::Source;

impl Builder<'_> {
    /// The line that made a box. A span's is its function's head; what has no line of its own has that of the span
    /// around.
    pub(super) fn source(&self, item: ItemId) -> Option<Source> {
        let operations = self.tree.operations(item);
        let own = match self.tree.items[item].what {
            What::Scope(scope) => return self.captured.scopes[scope].source.clone(),
            What::Operation(number) => self.lines(number).pop(),
            // What has parameters is called by its field's name in the function of the span. Outside of all spans that
            // would be the line that runs the whole model.
            What::Module => {
                let lines = self.common(&operations).unwrap_or_default();
                if self.is_outside(&operations) { lines.last().cloned() } else { lines.first().cloned() }
            }
            What::Pattern(Pattern::Linear) if !self.is_outside(&operations) => {
                self.common(&operations).unwrap_or_default().first().cloned()
            }
            What::Pattern(pattern) => self
                .common(&operations)
                .filter(|lines| self.made_only(lines, &operations))
                .and_then(|mut lines| lines.pop())
                .or_else(|| self.lines(self.telling(pattern, &operations)?).pop()),
        };
        own.or_else(|| {
            self.tree.ancestors(item).find_map(|item| match self.tree.items[item].what {
                What::Scope(scope) => self.captured.scopes[scope].source.clone(),
                _ => None,
            })
        })
    }

    /// The line from which the function of a box's span was called, if the box is that of a span and all copies were
    /// called from one.
    pub(super) fn called_at(&self, entry: &Entry) -> Option<Source> {
        let scope = |item: &ItemId| match self.tree.items[*item].what {
            What::Scope(scope) => self.captured.scopes[scope].called_at.as_ref(),
            _ => None,
        };
        let mut lines = entry.items.iter().map(scope);
        let first = lines.next()??;
        lines.all(|line| line == Some(first)).then(|| first.clone())
    }

    /// The lines that led to an operation, as far as they are known, from the function of its span inwards.
    fn lines(&self, number: usize) -> Vec<Source> {
        let operation = self.captured.operation(number);
        operation.calls.iter().chain(&operation.source).cloned().collect()
    }

    /// The lines that led to all of the operations, if they are in one span; none if there is no such line.
    fn common(&self, operations: &[usize]) -> Option<Vec<Source>> {
        let (&first, rest) = operations.split_first()?;
        let scope = |number: usize| -> ScopeId { self.captured.scope_of[number] };
        let mut lines = self.lines(first);
        for &number in rest {
            if scope(number) != scope(first) {
                return None;
            }
            let operation = self.captured.operation(number);
            let others = operation.calls.iter().chain(&operation.source);
            let alike = lines.iter().zip(others).take_while(|(line, other)| line == other).count();
            lines.truncate(alike);
        }
        (!lines.is_empty()).then_some(lines)
    }

    fn is_outside(&self, operations: &[usize]) -> bool {
        operations.iter().any(|&number| self.captured.scope_of[number] == Captured::ROOT)
    }

    /// Whether a call made these operations and no others beside them. What runs a whole model is not the line of its
    /// mask.
    fn made_only(&self, call: &[Source], operations: &[usize]) -> bool {
        let (Some(first), Some(last)) = (operations.iter().min(), operations.iter().max()) else {
            return true;
        };
        if operations.iter().any(|&number| self.lines(number) == call) {
            return true;
        }
        let beside = first.saturating_sub(1)..(last + 2).min(self.captured.scope_of.len());
        let is_other = |number: &usize| !operations.contains(number) && self.lines(*number).starts_with(call);
        !beside.into_iter().any(|number| is_other(&number))
    }

    /// The operation that a pattern is known by.
    fn telling(&self, pattern: Pattern, operations: &[usize]) -> Option<usize> {
        match pattern {
            Pattern::Attention => {
                operations.iter().copied().find(|&number| self.captured.operation(number).kind == "softmax")
            }
            Pattern::Linear => {
                operations.iter().copied().find(|&number| self.captured.operation(number).kind == "matmul")
            }
            Pattern::Mask => operations.last().copied(),
            _ => operations.first().copied(),
        }
    }
}
