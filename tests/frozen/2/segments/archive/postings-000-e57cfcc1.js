fondsShard("postings-000-e57cfcc1","IRXOJgErKLUv/SArpQAAsgIEgyIR/5pUAjZWQ/AcmBZpCQAA");
