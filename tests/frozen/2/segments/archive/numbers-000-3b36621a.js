fondsShard("numbers-000-3b36621a","332D+gAGKAEkGhsd");
