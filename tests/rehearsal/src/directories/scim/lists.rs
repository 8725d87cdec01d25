//! SCIM's lists (RFC 7644 §3.4.2): filtered, counted whole, and cut by index or by cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::ScimPlatform;
use super::knobs::{Paging, Settings, Sloppy};
use super::wire::{Resources, no};
use crate::checks::{self, forbidden};
use crate::directories::{Members, Standing};
use crate::server::{Answer, Refusal, Request, lock};

/// What a list may be asked with.
const QUERY: [&str; 4] = ["startIndex", "count", "filter", "cursor"];

impl ScimPlatform {
    pub(super) fn list_users(&self, request: &Request) -> Answer {
        checks::only_query(request, &QUERY)?;
        let (members, settings) = (lock(&self.members), lock(&self.settings));
        let mut all = members.all();
        match request.parameter("filter").map(words).as_deref() {
            None => {}
            Some([attribute, value]) if attribute.eq_ignore_ascii_case("active") && value == "true" => {
                // Of somebody whose standing is not told it is not true either.
                all.retain(|member| {
                    member.standing == Standing::Active && !settings.without_active.contains(&member.id)
                });
            }
            Some(_) => return Err(invalid_filter()),
        }
        let resources = Resources::of(request, &settings);
        let users: Vec<Value> = all.iter().map(|member| resources.user(member)).collect();
        List::new(request, &members, &settings, users)?.answer()
    }

    pub(super) fn list_groups(&self, request: &Request) -> Answer {
        checks::only_query(request, &QUERY)?;
        let (members, settings) = (lock(&self.members), lock(&self.settings));
        let resources = Resources::of(request, &settings);
        let mut groups: Vec<Value> = members
            .group_names()
            .iter()
            .map(|id| resources.group(id, &members.group(id).unwrap_or_default()))
            .collect();
        match request.parameter("filter").map(words).as_deref() {
            None => {}
            Some([attribute, value]) if attribute.eq_ignore_ascii_case("displayName") => {
                let name: String = serde_json::from_str(value).map_err(|_| invalid_filter())?;
                // RFC 7643 §8.7.1: the name of a group is not case-exact.
                let same = |group: &Value| group["displayName"].as_str().map(str::to_lowercase);
                groups.retain(|group| same(group) == Some(name.to_lowercase()));
            }
            Some(_) => return Err(invalid_filter()),
        }
        List::new(request, &members, &settings, groups)?.answer()
    }
}

/// Attribute and value of a comparison by `eq`; of anything else, nothing.
fn words(filter: &str) -> Vec<String> {
    let mut words = filter.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(attribute), Some(operator), Some(value)) if operator.eq_ignore_ascii_case("eq") => {
            vec![attribute.to_owned(), value.to_owned()]
        }
        _ => Vec::new(),
    }
}

fn invalid_filter() -> Refusal {
    no(400, "invalidFilter", "canary: the filter is not supported")
}

/// A list and the page of it that was asked for.
struct List<'a> {
    request: &'a Request,
    settings: &'a Settings,
    total: usize,
    pages: Vec<Vec<Value>>,
    count: Option<usize>,
}

impl<'a> List<'a> {
    fn new(
        request: &'a Request,
        members: &Members,
        settings: &'a Settings,
        resources: Vec<Value>,
    ) -> Result<Self, Refusal> {
        // RFC 7644 §3.4.2.4: a negative count is 0.
        let count = whole(request, "count")?.map(|count| usize::try_from(count).unwrap_or(0));
        Ok(Self {
            request,
            settings,
            total: resources.len(),
            pages: members.pages(&resources, count.unwrap_or(usize::MAX)),
            count,
        })
    }

    fn answer(self) -> Answer {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": self.total,
        });
        let resources = match self.settings.paging {
            Paging::Index => self.by_index(&mut body)?,
            Paging::Cursor => self.by_cursor(&mut body)?,
        };
        body["itemsPerPage"] = json!(resources.len());
        if self.settings.is(Sloppy::TotalAsText) {
            body["totalResults"] = json!(self.total.to_string());
        }
        if self.settings.is(Sloppy::NoTotal)
            && let Some(members) = body.as_object_mut()
        {
            members.remove("totalResults");
        }
        if !(resources.is_empty() && self.settings.is(Sloppy::EmptyWithoutResources)) {
            body["Resources"] = json!(resources);
        }
        Ok(Resources::of(self.request, self.settings).reply(body))
    }

    /// As many as fit on a page, from the place that is asked for; a dropped page moves up what stood behind it.
    fn by_index(&self, body: &mut Value) -> Result<Vec<Value>, Refusal> {
        if self.request.parameter("cursor").is_some() {
            // RFC 7644 §3.12: what the server does not do at all. scim2-server says it in the same way.
            return Err(no(501, "", "canary: pages are cut by index here"));
        }
        // RFC 7644 §3.4.2.4: less than 1 is 1.
        let start = whole(self.request, "startIndex")?.unwrap_or(1).max(1);
        body["startIndex"] = json!(start);
        // All pages but the last are full.
        let full = self.pages.first().map_or(0, Vec::len);
        let served = self.pages.concat().into_iter();
        let before = usize::try_from(start - 1).unwrap_or(usize::MAX);
        Ok(served.skip(before).take(full.min(self.count.unwrap_or(full))).collect())
    }

    /// The page that the cursor names; without one, or with an empty one, the first.
    fn by_cursor(&self, body: &mut Value) -> Result<Vec<Value>, Refusal> {
        let page = match self.request.parameter("cursor") {
            None | Some("") => 0,
            Some(cursor) => (1..self.pages.len())
                .find(|page| self.cursor(*page) == cursor)
                .ok_or_else(|| no(400, "invalidCursor", "canary: no such cursor"))?,
        };
        if self.count == Some(0) {
            return Ok(Vec::new());
        }
        if page + 1 < self.pages.len() {
            body["nextCursor"] = json!(self.cursor(page + 1));
        }
        Ok(self.pages[page].clone())
    }

    /// Good for this filter and count only, and of unreserved characters (RFC 9865 §2).
    fn cursor(&self, page: usize) -> String {
        let filter = self.request.parameter("filter").unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!(
            "canary>>{page}?{}&{filter}&{:?}",
            self.request.path, self.count
        ))
    }
}

/// A whole number from the query, which may be below zero.
fn whole(request: &Request, name: &str) -> Result<Option<i64>, Refusal> {
    let number = request.parameter(name).map(str::parse).transpose();
    number.map_err(|_| forbidden(format!("query parameter {name} is not a whole number")))
}
