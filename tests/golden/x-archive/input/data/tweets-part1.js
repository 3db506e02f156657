window.YTD.tweets.part1 = [
  { "tweet" : { "id_str" : "201", "created_at" : "Sat Mar 23 08:00:00 +0000 2019", "full_text" : "The second part goes on.", "lang" : "in" } },
  { "tweet" : { "id_str" : "202", "created_at" : "Sat Mar 23 09:00:00 +0000 2019", "full_text" : "It is cut he
