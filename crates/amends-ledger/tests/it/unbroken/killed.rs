//! Kill -9 at random moments.

use std::time::Duration;

use amends_testkit::{itself, rounds};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{Place, examine, undisturbed, work};

#[tokio::test]
async fn whatever_the_moment_of_a_kill_nothing_acknowledged_is_lost_and_the_work_goes_on() {
    let states = undisturbed().await;
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut kills = 0;
    let mut longest = Duration::from_millis(400);
    while kills < rounds(12, 200) {
        let place = Place::new();
        loop {
            let mut process = itself::<&str>(&[], work::TEST, &place.task)
                .spawn()
                .unwrap();
            let wait = longest.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
            std::thread::sleep(wait);
            if process.try_wait().unwrap().is_some() {
                // It was done before its time came: the next one gets less.
                longest = longest.mul_f64(0.9).max(Duration::from_millis(40));
                break;
            }
            process.kill().unwrap();
            process.wait().unwrap();
            kills += 1;
            let acknowledged = work::acknowledged(&place.task);
            let ledger = work::ledger(&place.task);
            let imports = examine(&ledger, &acknowledged, &states).await;
            if imports < work::STEPS / 2 {
                longest = longest.mul_f64(1.05);
            }
        }
        assert_eq!(work::ended(&place.task).as_deref(), Some("done"));
        let acknowledged = work::acknowledged(&place.task);
        let ledger = work::ledger(&place.task);
        assert_eq!(examine(&ledger, &acknowledged, &states).await, work::STEPS);
    }
}
