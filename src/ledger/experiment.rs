//! What an experiment tells so far, whenever it is asked.
//!
//! Looking often does no harm: the evidence is worth the same at every look. At most one experiment
//! in twenty whose arms are alike ever gets a verdict (`docs/statistics.md`).

mod sequence;

pub use sequence::{ALPHA, ALPHA_RATIO, Arm, Comparison, SampleRatio, Scale, radius, share};

use super::record::Record;
use crate::error::{Error, Result};
use crate::json::json;
use crate::plan::Experiment;
use serde_json::Value;

/// What is compared of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Whether the request did what it was for.
    Completed,
    /// Whether a person's thumb was up, where there was one.
    Thumb,
    /// How right the answer was, 0..1, where that was judged.
    Accuracy,
    /// Whether the model declined.
    Refused,
    /// The bill, USD.
    Cost,
    /// From sending to the first piece, milliseconds.
    FirstPiece,
    /// From sending to the end, milliseconds.
    Total,
    /// Tokens of the answer.
    AnswerTokens,
}

const METRICS: [(&str, Metric); 8] = [
    ("completed", Metric::Completed),
    ("thumb", Metric::Thumb),
    ("accuracy", Metric::Accuracy),
    ("refused", Metric::Refused),
    ("costUsd", Metric::Cost),
    ("firstPieceMs", Metric::FirstPiece),
    ("totalMs", Metric::Total),
    ("outputTokens", Metric::AnswerTokens),
];

impl Metric {
    /// Reads its name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for another one.
    pub fn from_name(name: &str) -> Result<Self> {
        let known = METRICS.iter().find(|(own, _)| *own == name);
        known.map(|(_, metric)| *metric).ok_or_else(|| {
            let names: Vec<&str> = METRICS.iter().map(|(own, _)| *own).collect();
            Error::invalid_input(format!(
                "metric: found {name:?}, wanted one of {}",
                names.join(", ")
            ))
        })
    }

    const fn scale(self) -> Scale {
        match self {
            Self::Completed | Self::Thumb | Self::Accuracy | Self::Refused => Scale::Share,
            _ => Scale::Ratio,
        }
    }

    const fn more_is_better(self) -> bool {
        matches!(self, Self::Completed | Self::Thumb | Self::Accuracy)
    }

    /// A share, or the logarithm of what has long tails, with the value itself.
    fn read(self, record: &Record) -> Option<(f64, f64)> {
        let flag = |flag: bool| f64::from(u8::from(flag));
        // What is nothing has no logarithm: the least that can be is put for it.
        let log = |value: f64, least: f64| Some((value.max(least).ln(), value));
        let value = match self {
            Self::Completed => flag(record.completed()),
            Self::Thumb => flag(record.feedback.thumb.as_deref()? == "up"),
            Self::Accuracy => record.accuracy()?,
            Self::Refused => flag(record.refused()?),
            Self::Cost => return log(record.cost?.picodollars() as f64 / 1e12, 1e-7),
            Self::FirstPiece => return log(record.first_piece_ms?, 1.0),
            Self::Total => return log(record.total_ms?, 1.0),
            Self::AnswerTokens => return log(record.output_tokens? as f64, 0.5),
        };
        Some((value, value))
    }
}

/// One arm's units.
#[derive(Default)]
struct Units {
    count: u64,
    sum: f64,
}

/// Judges `experiment` by one `metric` of `records`, oldest first. Each unit counts once, with its first
/// record that has the metric: its later ones are in the same arm and tell little of their own. A
/// record without a unit is one of its own. `effect` is what the number of further units is for: a
/// difference of shares, or a ratio (1.1: a tenth more); without it, the difference as it is.
///
/// `{ id, metric, scale, arms: [{ name, n, value, low, high }], ratio: { .. }, comparisons: [{ first,
/// second, low, value, high, evidence, p, verdict, needed, words }], verdict, words }`: one comparison
/// of each further arm with the first. For shares, the difference of the means; for the others the
/// ratio of the geometric means, and `value` of an arm is the arithmetic mean.
pub fn judge(
    experiment: &Experiment,
    records: &[Record],
    metric: Metric,
    effect: Option<f64>,
) -> Value {
    let arms = &experiment.arms;
    let all: f64 = arms.iter().map(|arm| arm.weight).sum();
    let weights: Vec<f64> = arms.iter().map(|arm| arm.weight / all).collect();
    let mut ratio = SampleRatio::new(&weights);
    let scale = metric.scale();
    let weight = |place: usize| weights.get(place).copied().unwrap_or_default();
    let mut comparisons: Vec<Comparison> = Vec::new();
    for place in 1..arms.len() {
        let both = (weight(0) + weight(place)).max(1e-12);
        comparisons.push(Comparison::new(scale, weight(place) / both));
    }
    let mut units: Vec<Units> = arms.iter().map(|_| Units::default()).collect();
    // In rising order, to look units up.
    let (mut assigned, mut measured): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for record in records {
        if record.experiment.as_deref() != Some(&experiment.id) {
            continue;
        }
        let name = record.arm.as_deref().unwrap_or_default();
        let Some(arm) = arms.iter().position(|arm| arm.name == name) else { continue };
        let unit = record.unit.as_deref().unwrap_or(&record.id);
        if first(&mut assigned, unit) {
            ratio.add(arm);
        }
        let Some((value, plain)) = metric.read(record) else { continue };
        if !first(&mut measured, unit) {
            continue;
        }
        if let Some(own) = units.get_mut(arm) {
            own.count += 1;
            own.sum += plain;
        }
        for (place, comparison) in comparisons.iter_mut().enumerate() {
            if arm == 0 || arm == place + 1 {
                comparison.add(value, arm > 0);
            }
        }
    }
    let stopped = ratio.evidence() >= 1.0 / ALPHA_RATIO;
    // Several comparisons share the false positives of one.
    let alpha = ALPHA / comparisons.len().max(1) as f64;
    let mut told = Vec::new();
    let mut shown = Vec::new();
    for (place, arm) in arms.iter().enumerate() {
        let own = units.get(place).filter(|units| units.count > 0);
        let value = own.map(|units| units.sum / units.count as f64);
        let bounds = own.filter(|_| scale == Scale::Share);
        let bounds = bounds.map(|units| share(units.sum, units.count as f64, ALPHA));
        shown.push(json!({
            "name": arm.name,
            "n": own.map_or(0, |units| units.count),
            "value": value,
            "low": bounds.map(|(low, _)| low),
            "high": bounds.map(|(_, high)| high),
        }));
    }
    let name = |place: usize| arms.get(place).map_or("", |arm| arm.name.as_str());
    for (place, comparison) in comparisons.iter().enumerate() {
        let pair = Pair { first: name(0), second: name(place + 1), metric, alpha, stopped };
        told.push(pair.told(comparison, effect));
    }
    let verdict = match told.as_slice() {
        _ if stopped => "stop_srm".into(),
        [only] => only.get("verdict").cloned().unwrap_or_default(),
        several => {
            // The one arm that is told to be better, where there is one.
            let better = several.iter().find(|one| one.get("verdict") == Some(&"b_better".into()));
            better.map_or_else(|| "no_difference_yet".into(), |_| "b_better".into())
        }
    };
    let words: Vec<&str> =
        told.iter().filter_map(|one| one.get("words").and_then(Value::as_str)).collect();
    let stop = "The arms do not have the shares that were planned: something assigns, loses or \
                records them otherwise. Stop, and find out; no result is to be trusted.";
    json!({
        "id": experiment.id,
        "metric": METRICS.iter().find(|(_, own)| *own == metric).map(|(name, _)| *name),
        "estimand": match scale {
            Scale::Share => "difference of means",
            Scale::Ratio => "ratio of geometric means",
        },
        "arms": shown,
        "ratio": {
            "evidence": ratio.evidence().min(1e15),
            "p": (1.0 / ratio.evidence()).min(1.0),
            "stopped": stopped,
        },
        "comparisons": told,
        "verdict": verdict,
        "words": if stopped { stop.to_owned() } else { words.join(" ") },
    })
}

/// Whether `unit` was not there; then it is now.
fn first<'a>(known: &mut Vec<&'a str>, unit: &'a str) -> bool {
    match known.binary_search(&unit) {
        Ok(_) => false,
        Err(place) => {
            known.insert(place, unit);
            true
        }
    }
}

struct Pair<'a> {
    first: &'a str,
    second: &'a str,
    metric: Metric,
    alpha: f64,
    stopped: bool,
}

impl Pair<'_> {
    fn told(&self, comparison: &Comparison, effect: Option<f64>) -> Value {
        let scale = self.metric.scale();
        let shown = |value: f64| if scale == Scale::Ratio { value.exp() } else { value };
        let difference = comparison.difference(self.alpha);
        let evidence = comparison.evidence();
        let sure = evidence >= 1.0 / self.alpha;
        // Told apart by both: the evidence, whose promise is exact, and the interval that is shown.
        let ahead = match difference {
            Some((low, value, high)) if sure && (low > 0.0 || high < 0.0) => {
                Some((value > 0.0) == self.metric.more_is_better())
            }
            _ => None,
        };
        let verdict = match ahead {
            _ if self.stopped => "stop_srm",
            Some(true) => "b_better",
            Some(false) => "a_better",
            None => "no_difference_yet",
        };
        let wanted = match effect {
            Some(effect) if scale == Scale::Ratio => Some(effect.max(1e-9).ln()),
            Some(effect) => Some(effect),
            None => difference.map(|(_, value, _)| value),
        };
        let needed = match ahead {
            Some(_) => Some(0),
            None => wanted
                .filter(|_| difference.is_some())
                .and_then(|wanted| comparison.needed(wanted, self.alpha)),
        };
        let words = self.words(difference, verdict, needed, effect.is_some());
        json!({
            "first": self.first,
            "second": self.second,
            "low": difference.map(|(low, _, _)| shown(low)),
            "value": difference.map(|(_, value, _)| shown(value)),
            "high": difference.map(|(_, _, high)| shown(high)),
            "evidence": evidence.min(1e15),
            "p": (1.0 / evidence).min(1.0),
            "verdict": verdict,
            "needed": needed,
            "neededFor": wanted.map(shown),
            "words": words,
        })
    }

    fn words(
        &self,
        difference: Option<(f64, f64, f64)>,
        verdict: &str,
        needed: Option<u64>,
        given: bool,
    ) -> String {
        let (first, second) = (self.first, self.second);
        let Some((low, value, high)) = difference else {
            return format!("{second} against {first}: too few to compare.");
        };
        let size = |value: f64| match self.metric.scale() {
            Scale::Share => format!("{:+.1} points", 100.0 * value),
            Scale::Ratio => format!("{:+.1} %", 100.0 * (value.exp() - 1.0)),
        };
        let measured =
            format!("{second} against {first}: {} ({} to {})", size(value), size(low), size(high));
        match verdict {
            "b_better" => format!("{measured}. {second} is better."),
            "a_better" => format!("{measured}. {first} is better."),
            _ => {
                let more = match needed {
                    Some(needed) if given => format!(
                        "about {needed} more units would likely tell the difference that you named"
                    ),
                    Some(needed) => format!(
                        "about {needed} more units would likely tell it, were the difference what it looks like"
                    ),
                    None => "no number of units would tell a difference this small".to_owned(),
                };
                format!("{measured}. No difference is told yet; {more}.")
            }
        }
    }
}
