//! A bar with rate and time left for work that takes over a second; nothing where nobody watches.

#![allow(
    clippy::disallowed_methods,
    reason = "a second Ctrl-C ends the program where it stands"
)]

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use amends_intake::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error, and the wish to stop.
pub(crate) struct Bar {
    bar: ProgressBar,
    stopped: Arc<AtomicBool>,
}

impl Bar {
    /// A bar for one piece of work. It draws nothing for the first second, and nothing at all where standard error is no terminal.
    pub(crate) fn new(name: &str, stopped: Arc<AtomicBool>) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(name.to_owned());
        let style = "{prefix} {wide_bar:.dim} {percent:>3} %  {msg}";
        bar.set_style(
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, stopped }
    }

    /// Shows how far the work is, once it has taken a second.
    pub(crate) fn show(&self, done: u64, of: u64, message: impl FnOnce(Duration) -> String) {
        let elapsed = self.bar.elapsed();
        if elapsed >= Duration::from_secs(1) {
            if done < self.bar.position() {
                // Read again from the beginning: what is left is judged by this reading alone.
                self.bar.reset_elapsed();
            }
            self.bar.set_length(of.max(1));
            let left = left(elapsed, done, of);
            self.bar.set_message(format!("{}{left}", message(elapsed)));
            self.bar.set_position(done);
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How long it will take, if it goes on as it went; nothing where nothing is done yet that it could be judged by.
fn left(elapsed: Duration, done: u64, of: u64) -> String {
    if done == 0 || done >= of {
        return String::new();
    }
    let left = elapsed.as_secs_f64() * (of - done) as f64 / done as f64;
    match left.ceil() as u64 {
        seconds @ 0..90 => format!("  {seconds} s left"),
        seconds @ 90..5_400 => format!("  {} min left", seconds.div_ceil(60)),
        seconds => format!("  {} h left", seconds.div_ceil(3_600)),
    }
}

impl Watch for Bar {
    fn progress(&self, bytes: u64, of: u64, rows: u64) {
        self.show(bytes, of, |elapsed| {
            let rate = (rows as f64 / elapsed.as_secs_f64()) as u64;
            format!(
                "{} rows, {} a second",
                super::number::whole(rows),
                super::number::whole(rate)
            )
        });
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// A flag that Ctrl-C raises. A second Ctrl-C ends the program at once.
pub(crate) fn stop_on_interrupt() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if raised.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            anstream::eprintln!("stopping; what is committed stays (Ctrl-C again ends at once)");
        }
    });
    flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_judged_by_what_is_done() {
        let after = |seconds, done| left(Duration::from_secs(seconds), done, 100);
        assert_eq!(after(10, 0), "");
        assert_eq!(after(10, 50), "  10 s left");
        assert_eq!(after(10, 5), "  4 min left");
        assert_eq!(after(600, 5), "  4 h left");
        assert_eq!(after(10, 100), "");
    }
}
