//! The access page: who has access where, for somebody with a browser.

mod browser;
mod hostile;
mod large;
mod markup;
mod one;
mod protected;
mod safety;
mod states;

use rehearsal::host::UrlRequest;

pub(crate) use markup::Page;

use crate::stage::{BROWSER, Running};

/// What Chrome sends.
pub(super) const CHROME: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8";
/// What Firefox sends.
pub(super) const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Opens a target as a browser does.
async fn browse(list: &Running, target: &str) -> (u16, Page) {
    let (user, password) = BROWSER;
    let request = UrlRequest::get(target).basic(user, password).header("Accept", CHROME);
    let answer = list.request(request).await;
    (answer.status, Page::of(&answer))
}
