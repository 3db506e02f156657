//! Takes a module apart into columns, so that like stands beside like. www/weave.js says which there are, and weaves them together
//! again in the page.

use std::error::Error;

use Column::{Block, Branch, Call, Code, Declaration, Frame, Int, Local, Long, Offset};

#[derive(Clone, Copy)]
enum Column {
    Frame,
    Code,
    Declaration,
    Block,
    Branch,
    Call,
    Local,
    Offset,
    Int,
    Long,
}

const NUM_COLUMNS: usize = 10;

/// Magic number and version of a module.
const HEADER_LEN: usize = 8;
const CODE_SECTION: usize = 10;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Length of the module, bytes of the frame before the functions, length of each column; the columns.
///
/// # Errors
/// The bytes are no module, or one with instructions that www/weave.js does not know.
pub fn unweave(module: &[u8]) -> Result<Vec<u8>> {
    let mut split = Split { module, at: 0, columns: Default::default() };
    split.take(Frame, HEADER_LEN)?;
    loop {
        let section = split.number(Frame)?;
        let len = split.number(Frame)?;
        if section == CODE_SECTION {
            break;
        }
        split.take(Frame, len)?;
    }
    let num_functions = split.number(Frame)?;
    let before = split.columns[Frame as usize].len();
    for _ in 0..num_functions {
        split.function()?;
    }
    split.take(Frame, module.len() - split.at)?;

    let lens = split.columns.iter().map(Vec::len);
    let mut bytes = Vec::new();
    for number in [module.len(), before].into_iter().chain(lens) {
        bytes.extend(u32::try_from(number)?.to_le_bytes());
    }
    bytes.extend(split.columns.concat());
    Ok(bytes)
}

struct Split<'a> {
    module: &'a [u8],
    at: usize,
    columns: [Vec<u8>; NUM_COLUMNS],
}

impl Split<'_> {
    fn take(&mut self, column: Column, len: usize) -> Result<&[u8]> {
        let bytes = self.module.get(self.at..self.at + len).ok_or("the module ends too early")?;
        self.at += len;
        self.columns[column as usize].extend(bytes);
        Ok(bytes)
    }

    /// A number of as many bytes as it takes.
    fn number(&mut self, column: Column) -> Result<usize> {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = self.take(column, 1)?[0];
            value |= usize::from(byte & 127).checked_shl(shift).unwrap_or(0);
            if byte < 128 {
                break;
            }
        }
        Ok(value)
    }

    fn numbers(&mut self, column: Column, count: usize) -> Result<()> {
        (0..count).try_for_each(|_| self.number(column).map(drop))
    }

    /// A function without its length, which follows from its content.
    fn function(&mut self) -> Result<()> {
        let start = self.at;
        let mut len = 0;
        for (shift, byte) in (0..).step_by(7).zip(&self.module[start..]) {
            len |= usize::from(byte & 127) << shift;
            self.at += 1;
            if *byte < 128 {
                break;
            }
        }
        let end = self.at + len;
        let num_declarations = self.number(Declaration)?;
        self.numbers(Declaration, 2 * num_declarations)?;
        while self.at < end {
            self.instruction()?;
        }
        if self.at == end { Ok(()) } else { Err("a function ends within an instruction".into()) }
    }

    fn instruction(&mut self) -> Result<()> {
        let op = self.take(Code, 1)?[0];
        match op {
            0x02..=0x04 => self.numbers(Block, 1),
            0x0c | 0x0d => self.numbers(Branch, 1),
            0x0e => {
                let num_branches = self.number(Branch)?;
                self.numbers(Branch, num_branches + 1)
            }
            0x10 => self.numbers(Call, 1),
            0x11 => self.numbers(Code, 2),
            0x1c => {
                let num_types = self.number(Code)?;
                self.numbers(Code, num_types)
            }
            0x20..=0x22 => self.numbers(Local, 1),
            0x23..=0x26 | 0x3f | 0x40 | 0xd0 | 0xd2 => self.numbers(Code, 1),
            0x28..=0x3e => {
                self.number(Code)?;
                self.numbers(Offset, 1)
            }
            0x41 => self.numbers(Int, 1),
            0x42 => self.numbers(Long, 1),
            0x43 => self.take(Code, 4).map(drop),
            0x44 => self.take(Code, 8).map(drop),
            0xfc => match self.number(Code)? {
                0..8 => Ok(()),
                8 | 10 | 12 | 14 => self.numbers(Code, 2),
                9 | 11 | 13 | 15..=17 => self.numbers(Code, 1),
                further => Err(format!("www/weave.js does not know the instruction 0xfc {further}").into()),
            },
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => Ok(()),
            _ => Err(format!("www/weave.js does not know the instruction {op:#x}").into()),
        }
    }
}
