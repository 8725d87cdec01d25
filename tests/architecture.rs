//! What the documents promise about the tree, read off the tree: floors, names, headings, README and template.

mod files;
mod floors;
mod outside;
mod papers;
mod source;
