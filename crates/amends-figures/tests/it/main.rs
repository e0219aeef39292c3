//! Figures of an invented company, from events to card, people and story.

mod accounts;
mod card;
mod company;
mod exposure;
mod people;
mod reading;
mod refusals;
mod silence;
mod story;
