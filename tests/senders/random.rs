//! Random and mutated requests: nobody is admitted, nothing panics, nothing is a 5xx. The gate sends ten thousand for each scheme.

use rehearsal::senders::SCHEMES;

use super::{signed, stage};

/// So many for each scheme; `ROLLCALL_SENDER_REQUESTS` says another number.
fn requests() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to test, and no setting of a function"
    )]
    let asked = std::env::var("ROLLCALL_SENDER_REQUESTS")
        .ok()
        .and_then(|number| number.parse().ok());
    asked.unwrap_or(150)
}

fn bytes(dice: &mut fastrand::Rng, most: usize) -> Vec<u8> {
    let length = dice.usize(..most);
    std::iter::repeat_with(|| dice.u8(..)).take(length).collect()
}

/// Text that may stand in a header.
fn text(dice: &mut fastrand::Rng, most: usize) -> String {
    let length = dice.usize(..most);
    std::iter::repeat_with(|| char::from(dice.u8(0x20..0x7f)))
        .take(length)
        .collect()
}

#[tokio::test]
async fn nothing_random_is_admitted() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    for scheme in SCHEMES.into_iter().chain(["okta", "rippling"]) {
        let mut dice = fastrand::Rng::with_seed(20_260_701);
        for n in 0..requests() {
            let body = bytes(&mut dice, 200);
            let mut request = match SCHEMES.contains(&scheme) {
                true => signed(scheme, &body),
                false => signed("gusto", &body),
            };
            request.path = format!("/{scheme}");
            request.base64 = true;
            // One thing at least is not as it was signed.
            match dice.u8(..4) {
                0 => {
                    let place = dice.usize(..=request.body.len());
                    request.body.insert(place, dice.u8(..));
                }
                1 => request
                    .headers
                    .iter_mut()
                    .for_each(|(_, value)| *value = text(&mut dice, 120)),
                2 => request.headers = vec![("authorization".to_owned(), text(&mut dice, 60))],
                _ => {
                    for (name, value) in &mut request.headers {
                        if name.to_lowercase().contains("signature") && !name.to_lowercase().ends_with("date") {
                            let place = dice.usize(..value.len());
                            value.replace_range(place..=place, if &value[place..=place] == "7" { "8" } else { "7" });
                        }
                    }
                }
            }
            let answer = offboard.request(request.clone()).await;
            // A character that is not part of what is compared may be changed, such as one that only pads.
            assert_eq!(answer.status, 401, "{scheme} {n}: {request:?} {}", answer.text());
        }
    }
    assert_eq!(stage.calls(), [""; 0]);
}
