fondsShard("weights-000-b63cfe42","boIhzQE6KLUv/SA6vQAAosMEBuDpu4EBAhVnrq9VUfX6W+QqfAAA");
