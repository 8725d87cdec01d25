//! Who a directory knows and which groups they are in, cut into pages.

use std::collections::BTreeMap;

/// How somebody stands with the company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Works here.
    #[default]
    Active,
    /// May not sign in; on a platform without that, works here.
    Suspended,
    /// Has left and is still listed, where the platform lists such people; elsewhere not listed.
    Gone,
}

/// Somebody in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The directory's own id that never changes.
    pub id: String,
    /// The main address.
    pub email: Option<String>,
    /// Further addresses.
    pub aliases: Vec<String>,
    /// What they sign in with: a user principal name, an Okta or SCIM user name, a GitHub login; where absent, the address or
    /// the id.
    pub login: Option<String>,
    /// Given and family name.
    pub name: Option<(String, String)>,
    /// How they stand.
    pub standing: Standing,
    /// A guest from outside, where the platform has such.
    pub guest: bool,
}

impl Member {
    /// An active member of this id, whose address is `<id>@example.test`.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            email: Some(format!("{id}@example.test")),
            name: Some((id.to_owned(), "Canary".to_owned())),
            ..Self::default()
        }
    }
}

/// Everybody, in the order they came, and their groups.
#[derive(Debug)]
pub struct Members {
    all: Vec<Member>,
    groups: BTreeMap<String, Vec<String>>,
    page_size: usize,
    dropped_page: Option<usize>,
    repeated_page: Option<usize>,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            groups: BTreeMap::new(),
            page_size: usize::MAX,
            dropped_page: None,
            repeated_page: None,
        }
    }
}

impl Members {
    /// Puts somebody there, in the place of whoever has that id.
    pub fn put(&mut self, member: Member) {
        match self.all.iter_mut().find(|other| other.id == member.id) {
            Some(other) => *other = member,
            None => self.all.push(member),
        }
    }

    /// Takes somebody away, from every group too.
    pub fn remove(&mut self, id: &str) {
        self.all.retain(|member| member.id != id);
        for ids in self.groups.values_mut() {
            ids.retain(|other| other != id);
        }
    }

    /// Lets the group of this name have exactly these members, by id.
    pub fn set_group(&mut self, group: &str, ids: &[&str]) {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.groups.insert(group.to_owned(), ids);
    }

    /// Lets no list have more than this many on a page, whatever is asked for.
    pub fn set_page_size(&mut self, size: usize) {
        self.page_size = size;
    }

    /// Leaves this page (from 0) out of every list that has it, as if it had never been; totals count it still.
    pub fn drop_page(&mut self, page: Option<usize>) {
        self.dropped_page = page;
    }

    /// Sends this page (from 0) twice in every list that has it; totals count it once.
    pub fn repeat_page(&mut self, page: Option<usize>) {
        self.repeated_page = page;
    }

    /// Everybody.
    pub fn all(&self) -> Vec<Member> {
        self.all.clone()
    }

    /// The group's members; `None` for a group that is not there.
    pub fn group(&self, group: &str) -> Option<Vec<Member>> {
        let ids = self.groups.get(group)?;
        let member = |id: &String| self.all.iter().find(|member| member.id == *id).cloned();
        Some(ids.iter().filter_map(member).collect())
    }

    /// The names of the groups.
    pub fn group_names(&self) -> Vec<String> {
        self.groups.keys().cloned().collect()
    }

    /// A list as pages of at most `asked`, without the one that is dropped and with one repeated: never none, an empty list is one empty page.
    pub fn pages<T: Clone>(&self, list: &[T], asked: usize) -> Vec<Vec<T>> {
        let size = asked.min(self.page_size).max(1);
        let mut pages: Vec<Vec<T>> = list.chunks(size).map(<[T]>::to_vec).collect();
        if let Some(dropped) = self.dropped_page.filter(|page| *page < pages.len()) {
            pages.remove(dropped);
        }
        if let Some(page) = self.repeated_page.and_then(|page| pages.get(page).cloned()) {
            pages.insert(self.repeated_page.unwrap_or_default(), page);
        }
        if pages.is_empty() {
            pages.push(Vec::new());
        }
        pages
    }
}
