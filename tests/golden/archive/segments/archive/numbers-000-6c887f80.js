fondsShard("numbers-000-6c887f80","4sMT/wAICgABAAAAAAAAyTMMfgAIHgwbAQcONRYA");
