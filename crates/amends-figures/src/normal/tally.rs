//! What happened to a promise in each period.

use amends_model::{Problem, Result, State, Stretch};
use amends_project::definition::Shape;
use amends_promises::Kept;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt8Type};

use super::calendar::Calendar;

/// One instance; moments in microseconds of UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) opened_at: i64,
    pub(super) due_at: i64,
    pub(super) state: State,
    /// How late it is or was, in microseconds; less than nothing: too early.
    pub(super) late_by: Option<i64>,
}

/// Reads the instances of a promise.
///
/// # Errors
/// Whatever keeps them from being read; `AM0804` when they are kept in other columns.
pub(super) fn rows(kept: &Kept) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for batch in kept.batches(Some(&["opened_at", "due_at", "late_by_us"]))? {
        add(&batch?, &mut rows).ok_or_else(|| {
            Problem::new("AM0804", "a replay gives its instances in other columns")
        })?;
    }
    Ok(rows)
}

fn add(batch: &RecordBatch, rows: &mut Vec<Row>) -> Option<()> {
    let moments = |name: &str| {
        let column = batch.column_by_name(name)?;
        column.as_primitive_opt::<TimestampMicrosecondType>()
    };
    let (opened, due) = (moments("opened_at")?, moments("due_at")?);
    let states = batch.column_by_name("state")?;
    let states = states.as_primitive_opt::<UInt8Type>()?;
    let late = batch.column_by_name("late_by_us")?;
    let late = late.as_primitive_opt::<Int64Type>()?;
    for row in 0..batch.num_rows() {
        rows.push(Row {
            opened_at: opened.value(row),
            due_at: due.value(row),
            state: *State::ALL.get(usize::from(states.value(row)))?,
            late_by: late.is_valid(row).then(|| late.value(row)),
        });
    }
    Some(())
}

/// In which period an instance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// In that by whose end it is due: what is due by the end of a day is due at the first moment of the next one.
    WhenDue,
    /// In that in which it is decided: by what is measured, or because a span or its exposure is over.
    WhenDecided,
    /// In all in which it binds: what must not happen may happen at any moment.
    WhileItBinds,
}

impl Counts {
    /// Of a promise.
    pub(super) fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Deadline(_) | Shape::Window(_) | Shape::Notice(_) => Self::WhenDue,
            Shape::AtLeast(_) | Shape::Share(_) | Shape::Normal(_) => Self::WhenDecided,
            Shape::Never(_) | Shape::Match(_) if shape.binds() => Self::WhileItBinds,
            Shape::Never(_) | Shape::Match(_) => Self::WhenDecided,
        }
    }
}

/// Counts by period.
pub(super) struct Tally {
    /// How many were kept, of how many that are decided.
    pub(super) kept: Vec<(u64, u64)>,
    /// How late those were that came late, in seconds.
    pub(super) late: Vec<Vec<f64>>,
    /// How many were let down and are not done, waited for still or given up.
    pub(super) waiting: Vec<u64>,
    /// How many were not done in the time in which nearly everything late used to be, of how many let-downs of which that time has passed ([`super::undone`]).
    pub(super) undone: Vec<(u64, u64)>,
    /// How many were made.
    pub(super) opened: Vec<u64>,
    /// The period in which something was first due, which is left out; `None` where that is before the first, or nothing is due.
    pub(super) first_due: Option<Stretch>,
}

/// What is late by less is taken to be late by this, so that a ratio of it can be told.
const LEAST_LATE: f64 = 1.0;

impl Tally {
    /// Counts the instances of a promise by period. Where something is due, the period in which that happens first is left out: what was due in it and
    /// made before the data begins is not in it.
    ///
    /// What `binds` all the time is exposed in every period from its opening to its end, and is due when it breaks or its exposure ends. What is late `used` to be done within so many
    /// microseconds.
    pub(super) fn of(rows: &[Row], counts: Counts, calendar: &Calendar, used: i64) -> Self {
        let binds = counts == Counts::WhileItBinds;
        let periods = calendar.periods.len();
        let mut tally = Self::none(periods);
        let due = rows.iter().map(|row| row.due_at);
        // What lies before the record begins says nothing of when something is first due in it.
        let first_due = due.filter(|due| *due >= calendar.begun).min();
        let first_due = first_due.filter(|_| !binds);
        let before = i64::from(counts == Counts::WhenDue);
        let due = |at: i64| calendar.place(at.saturating_sub(before));
        let begins = first_due.map_or(-1, due);
        let first = usize::try_from(begins).ok();
        tally.first_due = first.and_then(|place| calendar.periods.get(place).copied());
        // So many begin to be exposed in a period, less those that were exposed to the one before for the last time.
        let mut exposed = vec![0_i64; periods + 1];
        for row in rows {
            let (opened, due) = (calendar.place(row.opened_at), due(row.due_at));
            if let Some(opened) = at(&mut tally.opened, opened) {
                *opened += 1;
            }
            if due > begins {
                tally.is_due(row, due, binds);
                tally.is_waited_for(row, due, used, calendar.reported);
            }
            if binds && row.state != State::Excused {
                // What is not known to have held in its last period is not decided there.
                let last = due - i64::from(row.state == State::Unconfirmed);
                let from = opened.clamp(0, periods as i64);
                let until = (last + 1).clamp(from, periods as i64);
                exposed[from as usize] += 1;
                exposed[until as usize] -= 1;
            }
        }
        if binds {
            tally.take_exposed(&exposed);
        }
        tally
    }

    /// Nothing in so many periods.
    pub(super) fn none(periods: usize) -> Self {
        Self {
            kept: vec![(0, 0); periods],
            late: vec![Vec::new(); periods],
            waiting: vec![0; periods],
            undone: vec![(0, 0); periods],
            opened: vec![0; periods],
            first_due: None,
        }
    }

    /// Adds what another one counts from one of its periods on.
    pub(super) fn add(&mut self, other: &Self, start: usize) {
        for (sum, (kept, decided)) in self.kept.iter_mut().zip(&other.kept[start..]) {
            *sum = (sum.0 + kept, sum.1 + decided);
        }
        for (all, late) in self.late.iter_mut().zip(&other.late[start..]) {
            all.extend(late);
        }
        for (sum, waiting) in self.waiting.iter_mut().zip(&other.waiting[start..]) {
            *sum += waiting;
        }
        for (sum, (undone, of)) in self.undone.iter_mut().zip(&other.undone[start..]) {
            *sum = (sum.0 + undone, sum.1 + of);
        }
        for (sum, opened) in self.opened.iter_mut().zip(&other.opened[start..]) {
            *sum += opened;
        }
    }

    fn is_due(&mut self, row: &Row, due: i64, binds: bool) {
        let is_decided = !matches!(row.state, State::Open | State::Unconfirmed | State::Excused);
        if !is_decided {
            return;
        }
        if let Some((kept, decided)) = at(&mut self.kept, due) {
            // Of what binds, all that are exposed are decided; let-downs are taken off them.
            *kept += u64::from(binds == row.state.is_let_down());
            *decided += 1;
        }
        let late = row.late_by.filter(|late| *late >= 0);
        let late = late.filter(|_| row.state == State::Late);
        if let Some((late, of)) = late.zip(at(&mut self.late, due)) {
            of.push((late as f64 / 1e6).max(LEAST_LATE));
        }
    }

    /// Counts what was not done when it was due, and of that what was not done in the time in which it `used` to be, once that has passed.
    fn is_waited_for(&mut self, row: &Row, due: i64, used: i64, reported: i64) {
        let Some(late_by) = row.late_by.filter(|late| *late >= 0) else {
            return;
        };
        if !row.state.is_let_down() {
            return;
        }
        let came = row.state == State::Late;
        if let Some(waiting) = at(&mut self.waiting, due) {
            *waiting += u64::from(!came);
        }
        if row.due_at.saturating_add(used) > reported {
            return;
        }
        if let Some((undone, of)) = at(&mut self.undone, due) {
            *undone += u64::from(!came || late_by > used);
            *of += 1;
        }
    }

    /// Turns let-downs into shares of those that were exposed.
    fn take_exposed(&mut self, exposed: &[i64]) {
        let mut now = 0_i64;
        for ((kept, decided), change) in self.kept.iter_mut().zip(exposed) {
            now += change;
            let all = now.unsigned_abs();
            let let_down = *kept;
            (*kept, *decided) = (all.saturating_sub(let_down), all);
        }
    }
}

/// The one at a place, where there is one.
fn at<T>(all: &mut [T], place: i64) -> Option<&mut T> {
    all.get_mut(usize::try_from(place).ok()?)
}
