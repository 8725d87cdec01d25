//! `list`: who has access where.

use shared::bundle::Bundle;
use shared::door::{self, Function, Listing, ListingQuery, View};
use shared::error::Result;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    door::serve(Function::List, list).await
}

async fn list(query: ListingQuery, bundle: &Bundle) -> Result<Listing> {
    let (chosen, filter) = (&query.providers, &query.filter);
    match query.view {
        View::Accounts => {
            let seen = match &filter.id {
                Some(id) => bundle.account(chosen, id).await,
                None => bundle.observe(chosen).await,
            };
            Ok(Listing::accounts(seen, filter))
        }
        View::People => {
            let (seen, roster, past) =
                tokio::join!(bundle.observe(chosen), bundle.known_roster(), bundle.past(query.past()));
            Ok(Listing::people(seen, roster, past, &query, bundle.policy()))
        }
        View::Roles => Listing::roles(bundle.roles(chosen).await),
        View::IdentityProviders => Listing::identity_providers(bundle.identity_providers(chosen).await),
        View::History => {
            let (from, to) = query.span;
            Ok(Listing::history(bundle.history(from, to).await?, chosen, filter))
        }
        View::Held => Ok(Listing::held(&bundle.foresee(chosen).await, filter)),
        View::Doctor => Ok(Listing::doctor(&bundle.doctor(chosen).await)),
        View::Explain => Ok(Listing::explain(bundle.explain(chosen, filter.person()).await?)),
    }
}
