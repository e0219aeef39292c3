//! A disk that fails: the system says no to one sync, or to every write from some moment on.

use amends_testkit::{itself, rounds};

use super::power::strace;
use super::{Place, examine, undisturbed, work};

/// Runs the work while the system says no, and once more when it says yes again. Returns how the first run ended.
async fn disturbed(inject: &str, states: &[super::State]) -> String {
    let place = Place::new();
    let inject = format!("inject={inject}");
    let before = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "trace=fsync,fdatasync,pwrite64",
        "-e",
        &inject,
    ];
    let _failed_or_not = itself(&before, work::TEST, &place.task).status().unwrap();
    let ended = work::ended(&place.task).unwrap_or_default();
    let acknowledged = work::acknowledged(&place.task);
    let ledger = work::ledger(&place.task);
    examine(&ledger, &acknowledged, states).await;
    let again = itself::<&str>(&[], work::TEST, &place.task)
        .status()
        .unwrap();
    assert!(again.success());
    assert_eq!(
        work::ended(&place.task).as_deref(),
        Some("done"),
        "{inject}"
    );
    let acknowledged = work::acknowledged(&place.task);
    assert_eq!(examine(&ledger, &acknowledged, states).await, work::STEPS);
    ended
}

#[tokio::test]
async fn a_failed_sync_is_an_error_and_nothing_is_believed_that_is_not_on_disk() {
    if !strace() {
        return;
    }
    let states = undisturbed().await;
    let last = 50;
    let step = last / rounds(5, last);
    let mut failed = 0;
    for nth in (1..=last).step_by(step) {
        let inject = format!("fsync,fdatasync:error=EIO:when={nth}");
        let ended = disturbed(&inject, &states).await;
        if ended != "done" {
            assert!(ended.starts_with("AM04"), "sync {nth}: {ended:?}");
            failed += 1;
        }
    }
    assert!(failed > 0, "no sync was seen to fail");
}

#[tokio::test]
async fn a_writer_whose_syncs_fail_now_and_then_goes_on_rightly_with_what_is_on_disk() {
    if !strace() {
        return;
    }
    let states = undisturbed().await;
    let mut failed = 0;
    for round in 0..rounds(5, 60) {
        let (first, every) = (11 + (round * 8) % 50, 11 + (round * 8) % 17);
        let inject = format!("fsync,fdatasync:error=EIO:when={first}+{every}");
        let ended = disturbed(&inject, &states).await;
        // What fails to be tidied is tidied later, and nobody needs to hear of it.
        if ended != "done" {
            assert!(ended.starts_with("AM04"), "{inject}: {ended:?}");
            failed += 1;
        }
        // A connection on which a commit failed would hold its transaction against all others.
        assert!(!ended.contains("locked"), "{inject}: {ended:?}");
    }
    assert!(failed > 0, "no sync was seen to fail");
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_an_error_and_the_work_goes_on_later() {
    if !strace() {
        return;
    }
    let states = undisturbed().await;
    for nth in [3, 40, 90, 150].into_iter().take(rounds(2, 4)) {
        let inject = format!("pwrite64:error=ENOSPC:when={nth}+");
        let ended = disturbed(&inject, &states).await;
        assert!(ended.starts_with("AM04"), "write {nth}: {ended:?}");
    }
}
