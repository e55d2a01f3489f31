//! What is to be done for guests: what they asked for, dated instructions to the departments (traces), and complaints
//! with their repair.

pub mod asked;
pub mod recovery;
pub mod traces;
