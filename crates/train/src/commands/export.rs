//! `train export`: the steps and evaluations of a run, for other programs.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::cli::using::ExportArgs;
use crate::files::output::Output;
use crate::run::folder::RunFolder;
use crate::run::metrics::{Evaluation, Line, Record, read as read_metrics};

/// A line of the table: a step, and the evaluation after it. What there is not is empty.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Row {
    step: usize,
    epoch: Option<usize>,
    loss: Option<f64>,
    nll: Option<f64>,
    lr: Option<f64>,
    tokens: Option<usize>,
    padding: Option<f64>,
    gradient_norm: Option<f64>,
    noise_scale: Option<f64>,
    target_tokens: Option<u64>,
    valid_nll: Option<f64>,
    bleu: Option<f64>,
}

/// Writes the table, and says where it is unless it goes to standard output.
///
/// # Errors
///
/// If there are no metrics, or they are damaged, or the file can't be written or is one of the run's own.
pub(crate) fn run(args: &ExportArgs, output: &mut impl Write) -> Result<()> {
    let folder = RunFolder::open_to_resume(&args.run)?;
    let table = table(&rows(read_metrics(&folder.metrics())?))?;
    if args.csv == Path::new("-") {
        return Ok(output.write_all(&table)?);
    }
    let files = folder.files();
    let mut file = Output::begin(&args.csv, &files.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    file.write_all(&table)?;
    file.finish()?;
    writeln!(output, "wrote {}", args.csv.display())?;
    Ok(())
}

/// A row for each step. An evaluation is noted after the step that it follows, and belongs to its row.
fn rows(lines: Vec<Line>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in lines {
        match line {
            Line::Step(record) => rows.push(Row::of(record)),
            Line::Evaluation(evaluation) => {
                let is_its_step = |row: &Row| row.step == evaluation.step && row.valid_nll.is_none();
                if !rows.last().is_some_and(is_its_step) {
                    rows.push(Row { step: evaluation.step, ..Row::default() });
                }
                if let Some(row) = rows.last_mut() {
                    row.evaluated(evaluation);
                }
            }
        }
    }
    rows
}

impl Row {
    fn of(record: Record) -> Self {
        let Record { step, epoch, loss, nll, lr, tokens, padding, gradient_norm, noise_scale } = record;
        Self {
            step,
            epoch: Some(epoch),
            loss: Some(loss),
            nll: Some(nll),
            lr: Some(lr),
            tokens: Some(tokens),
            padding: Some(padding),
            gradient_norm: Some(gradient_norm),
            noise_scale,
            ..Self::default()
        }
    }

    fn evaluated(&mut self, evaluation: Evaluation) {
        let Evaluation { step: _, target_tokens, valid_nll, bleu } = evaluation;
        (self.target_tokens, self.valid_nll, self.bleu) = (Some(target_tokens), Some(valid_nll), bleu);
    }
}

/// Numbers have all their digits, with a point, whatever the country.
fn table(rows: &[Row]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: usize, noise_scale: Option<f64>) -> Line {
        let (loss, lr) = (1.0 / 3.0 / step as f64, 1e-7);
        let rest = (0.25, 12.5);
        Line::Step(Record {
            step,
            epoch: 1,
            loss,
            nll: 2.0,
            lr,
            tokens: 9,
            padding: rest.0,
            gradient_norm: rest.1,
            noise_scale,
        })
    }

    fn evaluation(step: usize, bleu: Option<f64>) -> Line {
        Line::Evaluation(Evaluation { step, target_tokens: 1 << 60, valid_nll: 2.5, bleu })
    }

    #[test]
    fn an_evaluation_is_in_the_row_of_its_step() {
        let found =
            rows(vec![record(1, None), record(2, Some(7.5)), evaluation(2, Some(1.5)), record(3, None)]);
        let expected = "step,epoch,loss,nll,lr,tokens,padding,gradient_norm,noise_scale,target_tokens,valid_nll,bleu\n\
                        1,1,0.3333333333333333,2.0,1e-7,9,0.25,12.5,,,,\n\
                        2,1,0.16666666666666666,2.0,1e-7,9,0.25,12.5,7.5,1152921504606846976,2.5,1.5\n\
                        3,1,0.1111111111111111,2.0,1e-7,9,0.25,12.5,,,,\n";
        assert_eq!(String::from_utf8(table(&found).unwrap()).unwrap(), expected);
    }

    #[test]
    fn an_evaluation_without_a_step_has_a_row_of_its_own() {
        let found =
            rows(vec![evaluation(0, None), record(1, None), evaluation(1, None), evaluation(1, None)]);
        let steps: Vec<(usize, bool, bool)> =
            found.iter().map(|row| (row.step, row.loss.is_some(), row.valid_nll.is_some())).collect();
        assert_eq!(steps, [(0, false, true), (1, true, true), (1, false, true)]);
    }
}
