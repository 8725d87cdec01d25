//! Which moment a time means: offsets, time zones, the days on which clocks change, and what is no time.

use serde_json::{Value, json};

use super::{LATER, PLACE, expressions, order, world};
use crate::stage::{Running, Stage, details, mail};

/// Orders Ada's leaving for this time, and sees that it was scheduled so.
async fn is_scheduled(stage: &Stage, offboard: &Running, time: &str, expression: &str) {
    let answer = offboard.order(&order("ada", json!({"effective_at": time}))).await;
    assert_eq!(answer.status, 202, "{time}");
    assert_eq!(expressions(stage), [expression], "{time}");
}

#[tokio::test]
async fn a_time_is_kept_to_the_second_and_never_early() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let written = [
        ("2083-12-31T18:00:00Z", "at(2083-12-31T18:00:00)"),
        ("2083-12-31t18:00:00z", "at(2083-12-31T18:00:00)"),
        ("2083-12-31T18:00:00+01:00", "at(2083-12-31T17:00:00)"),
        ("2083-12-31T18:00:00-05:30", "at(2083-12-31T23:30:00)"),
        ("2083-12-31T23:59:59.000000001Z", "at(2084-01-01T00:00:00)"),
        ("2083-12-31T18:00:00.5Z", "at(2083-12-31T18:00:01)"),
        ("2083-12-31T18:00Z", "at(2083-12-31T18:00:00)"),
        ("2084-02-29T00:00:00Z", "at(2084-02-29T00:00:00)"),
    ];
    for (time, expression) in written {
        is_scheduled(&stage, &offboard, time, expression).await;
    }
}

#[tokio::test]
async fn a_local_time_is_that_of_its_zone() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let written = [
        // Clocks are put forward at 01:00 and back at 02:00 there; the first does not exist, the second comes twice.
        ("2083-03-28T01:30:00", "Europe/London", "at(2083-03-28T01:30:00)"),
        ("2083-10-31T01:30:00", "Europe/London", "at(2083-10-31T00:30:00)"),
        ("2083-10-31T02:00:00", "Europe/London", "at(2083-10-31T02:00:00)"),
        ("2083-07-01T09:00", "Europe/London", "at(2083-07-01T08:00:00)"),
        ("2083-07-01T09:00:00", "europe/london", "at(2083-07-01T08:00:00)"),
        ("2083-01-01T00:00:00", "Etc/GMT+12", "at(2083-01-01T12:00:00)"),
        ("2083-01-01T00:00:00", "Pacific/Kiritimati", "at(2082-12-31T10:00:00)"),
        ("2083-01-01T00:00:00", "Asia/Kathmandu", "at(2082-12-31T18:15:00)"),
        ("2083-01-01T00:00:00", "Australia/Lord_Howe", "at(2082-12-31T13:00:00)"),
        ("2083-01-01T00:00:00", "UTC", "at(2083-01-01T00:00:00)"),
    ];
    for (time, zone, expression) in written {
        let asked = order("ada", json!({"effective_at": time, "time_zone": zone}));
        assert_eq!(offboard.order(&asked).await.status, 202, "{time} {zone}");
        assert_eq!(expressions(&stage), [expression], "{time} {zone}");
    }
    for hours in -12..=14 {
        // What is called GMT+12 lies twelve hours behind: POSIX counts the other way.
        let zone = format!("Etc/GMT{:+}", -hours);
        let asked = order("ada", json!({"effective_at": "2083-06-15T12:00:00", "time_zone": zone}));
        assert_eq!(offboard.order(&asked).await.status, 202, "{zone}");
        let (day, hour) = if hours > 12 {
            (14, 36 - hours)
        } else {
            (15 + (12 - hours) / 24, (12 - hours) % 24)
        };
        assert_eq!(
            expressions(&stage),
            [format!("at(2083-06-{day}T{hour:02}:00:00)")],
            "{zone}"
        );
    }
}

#[tokio::test]
async fn the_very_second_is_now_and_the_next_is_later() {
    let stage = Stage::with(&PLACE).await;
    // 2083-01-01T00:00:00Z, by the clock of the function.
    let offboard = stage
        .start_example("at", &[("ROLLCALL_TEST_SECOND", "3565987200")])
        .await;
    for time in ["2082-12-31T23:59:59Z", "2083-01-01T00:00:00Z"] {
        assert_eq!(
            offboard
                .order(&order("ada", json!({"effective_at": time})))
                .await
                .status,
            200,
            "{time}"
        );
    }
    assert_eq!(stage.scheduler.calls().len(), 0);
    // The scheduler may refuse what is past when it is asked.
    for (time, expression) in [
        ("2083-01-01T00:00:00.000000001Z", "at(2083-01-01T00:00:05)"),
        ("2083-01-01T00:00:01Z", "at(2083-01-01T00:00:05)"),
        ("2083-01-01T00:00:05.5Z", "at(2083-01-01T00:00:06)"),
    ] {
        is_scheduled(&stage, &offboard, time, expression).await;
    }
}

#[tokio::test]
async fn every_fault_is_named_by_its_path_and_nothing_is_done() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let refused: [(Value, &[&str]); 24] = [
        (json!({"effective_at": "2083-12-31T18:00:00"}), &["effective_at"]),
        (json!({"effective_at": "tomorrow"}), &["effective_at"]),
        (json!({"effective_at": "2083-12-31"}), &["effective_at"]),
        (json!({"effective_at": "2083-12-31 18:00:00Z"}), &["effective_at"]),
        (json!({"effective_at": "2083-12-31T18Z"}), &["effective_at"]),
        (json!({"effective_at": "2083-02-29T18:00:00Z"}), &["effective_at"]),
        (json!({"effective_at": "2083-12-31T24:00:00Z"}), &["effective_at"]),
        (json!({"effective_at": "2083-12-31T18:00:00+99:00"}), &["effective_at"]),
        (
            json!({"effective_at": "2083-12-31T18:00:00+01:00[Europe/London]"}),
            &["effective_at"],
        ),
        (json!({"effective_at": "9999-12-31T23:59:59-10:00"}), &["effective_at"]),
        (
            json!({"effective_at": "9999-12-31T23:59:59", "time_zone": "Etc/GMT+12"}),
            &["effective_at"],
        ),
        (json!({"effective_at": "ähäähähähähäh"}), &["effective_at"]),
        (json!({"effective_at": 3_566_073_600_u64}), &["effective_at"]),
        (json!({"effective_at": null}), &["effective_at"]),
        (json!({"time_zone": "Europe/London"}), &["time_zone"]),
        (
            json!({"effective_at": LATER, "time_zone": "Europe/London"}),
            &["time_zone"],
        ),
        (
            json!({"effective_at": "2083-12-31T18:00:00", "time_zone": "Europe/Rivendell"}),
            &["time_zone"],
        ),
        (
            json!({"effective_at": "2083-12-31T18:00:00", "time_zone": "+01:00"}),
            &["time_zone"],
        ),
        (
            json!({"effective_at": "2083-12-31T18:00:00", "time_zone": "Etc/Unknown"}),
            &["time_zone"],
        ),
        (json!({"cancel": "yes"}), &["cancel"]),
        (json!({"cancel": true, "effective_at": LATER}), &["effective_at"]),
        (json!({"cancel": true, "mode": "preview"}), &["cancel"]),
        (json!({"cancel": true, "time_zone": "UTC"}), &["time_zone"]),
        (
            json!({"cancel": 1, "effective_at": "never", "time_zone": "nowhere", "providers": ["nobody"], "colour": "red"}),
            &["providers[0]", "cancel", "effective_at", "time_zone", "colour"],
        ),
    ];
    for (more, paths) in refused {
        let answer = offboard.order(&order("ada", more.clone())).await;
        assert_eq!(
            (answer.status, details(&answer.json())),
            (400, paths.iter().map(|p| (*p).to_owned()).collect()),
            "{more}"
        );
    }
    let nobody = offboard
        .order(&json!({"email_addresses": ["canary"], "effective_at": LATER}))
        .await;
    assert_eq!(details(&nobody.json()), ["email_addresses[0]"]);
    assert_eq!((stage.calls().len(), stage.scheduler.calls().len()), (0, 0));
    // What offboard alone knows is unknown elsewhere.
    let onboard = stage.start("onboard").await;
    let asked = json!({"email_addresses": [mail("ada")], "effective_at": LATER, "cancel": false});
    assert_eq!(details(&onboard.order(&asked).await.json()), ["effective_at", "cancel"]);
}
