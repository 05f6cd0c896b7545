//! What a user's own feedback says of a kind of task beyond the training: a shift of the score, in
//! log-odds. It is bounded, it is told in every decision that it touches, and a policy without it
//! decides as before.

use super::features::Category;
use super::model::{sigmoid, weak_only};
use super::policy::wrong;
use crate::error::Result;
use crate::json::json;
use serde_json::{Map, Value};

/// The most that feedback moves the score either way, in log-odds: the odds by a factor of 4.5. The
/// kinds of task themselves lie within about two of each other (`docs/router.md`): feedback can make one
/// kind as hard as another, and cannot turn the router round.
pub const MOST: f64 = 1.5;

/// So many outcomes of weaker models a kind of task needs before anything is moved: below, one bad day
/// looks like a trend (the standard error of a share is above a tenth). Our own choice (2026-11).
pub const LEAST_OUTCOMES: usize = 20;

/// How far kinds of task are taken to differ from user to user before anything is known: the standard
/// deviation, in log-odds, of a normal distribution around the trained score. Our own choice (2026-11).
const SPREAD: f64 = 1.0;

/// What is taken for granted of the strongest model until its own answers tell: that it fails in so
/// many of so many. Our own choice (2026-11).
const STRONG_FAILS: f64 = 2.0;
const STRONG_OF: f64 = 10.0;

/// Values of a policy are multiples of this part of one, as all values of the score are.
const UNIT: f64 = 65_536.0;

/// What became of one request that somebody judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The kind of task.
    pub kind: Category,
    /// The score in log-odds, without any shift.
    pub log_odds: f64,
    /// Whether the strongest candidate answered; else a weaker one did.
    pub strong: bool,
    /// Whether the answer was good.
    pub good: bool,
}

/// A shift of the score for one kind of task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The kind of task.
    pub kind: Category,
    /// In log-odds, within [`MOST`].
    pub log_odds: f64,
    /// How many judged answers it stands on.
    pub outcomes: u64,
}

/// The shift of each kind of task that has outcomes enough, most likely given them and a normal
/// distribution around the trained score.
///
/// A weaker model fails where the stronger one would have succeeded, or where both fail; so among
/// answers of weaker models the failures are `need`, and those of the strong one, less the share where
/// only the weaker is right. The shift makes the sum of `need` over the judged answers of weaker models
/// what was observed of it. Where the strongest answered everything, nothing is learnt of the weaker.
pub fn learn(outcomes: &[Outcome]) -> Vec<Shift> {
    let mut shifts = Vec::new();
    for kind in Category::ALL {
        let (mut weak, mut failed) = (Vec::new(), 0.0);
        let (mut strong, mut strong_failed) = (STRONG_OF, STRONG_FAILS);
        for outcome in outcomes.iter().filter(|outcome| outcome.kind == kind) {
            let failure = if outcome.good { 0.0 } else { 1.0 };
            if outcome.strong {
                strong += 1.0;
                strong_failed += failure;
            } else {
                weak.push(outcome.log_odds);
                failed += failure;
            }
        }
        if weak.len() < LEAST_OUTCOMES {
            continue;
        }
        let both = (strong_failed / strong - weak_only()).max(0.0);
        let observed = failed - both * weak.len() as f64;
        // Rises with the shift: the zero lies where it changes its sign, or at a bound.
        let beyond = |shift: f64| {
            let mut sum = shift / (SPREAD * SPREAD) - observed;
            for log_odds in &weak {
                sum += sigmoid(log_odds + shift);
            }
            sum > 0.0
        };
        let (mut low, mut high) = (-MOST, MOST);
        for _ in 0..24 {
            let middle = (low + high) / 2.0;
            if beyond(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        let log_odds = ((low + high) / 2.0 * UNIT).round() / UNIT;
        let outcomes = weak.len() as u64 + (strong - STRONG_OF) as u64;
        if log_odds != 0.0 {
            shifts.push(Shift { kind, log_odds, outcomes });
        }
    }
    shifts
}

/// Reads `{ [kind]: { logOdds, outcomes } }`.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
pub fn read(place: &str, value: &Value) -> Result<Vec<Shift>> {
    let Some(fields) = value.as_object() else {
        return Err(wrong(place, value, "an object"));
    };
    let mut shifts = Vec::new();
    for (name, value) in fields {
        let place = &format!("{place}.{name}");
        let known = Category::ALL.into_iter().find(|kind| kind.name() == name);
        let kind = known.ok_or_else(|| wrong(place, value, "a kind of task, as `code_writing`"))?;
        let log_odds = value.get("logOdds").and_then(Value::as_f64);
        let log_odds = log_odds.filter(|shift| shift.abs() <= MOST);
        let outcomes = value.get("outcomes").and_then(Value::as_u64);
        let (Some(log_odds), Some(outcomes)) = (log_odds, outcomes) else {
            let wanted = "{ logOdds, from -1.5 to 1.5, and outcomes, a whole number }";
            return Err(wrong(place, value, wanted));
        };
        let log_odds = (log_odds * UNIT).round() / UNIT;
        shifts.push(Shift { kind, log_odds, outcomes });
    }
    Ok(shifts)
}

/// Writes what [`read`] reads.
pub fn write(shifts: &[Shift]) -> Value {
    let mut fields = Map::new();
    for shift in shifts {
        let value = json!({"logOdds": shift.log_odds, "outcomes": shift.outcomes});
        fields.insert(shift.kind.name().to_owned(), value);
    }
    Value::Object(fields)
}

/// What `need` of a plan (as JSON) would be without feedback; `None` where none was in it.
pub fn untouched(plan: &Value) -> Option<f64> {
    let score = plan.pointer("/route/score")?;
    let contributions = score.get("contributions")?.as_array()?;
    let own = contributions.iter().find(|pair| pair.get(0) == Some(&json!("feedback")))?;
    Some(sigmoid(score.get("logOdds")?.as_f64()? - own.get(1)?.as_f64()?))
}
