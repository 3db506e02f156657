window.YTD.twitter_circle_tweet.part0 = [
  { "tweet" : { "id_str" : "601", "created_at" : "Fri May 03 09:00:00 +0000 2024", "full_text" : "for the circle alone" } },
  { "tweet" : { "id_str" "602", "full_text" : "broken, and for the circle alone" } }
]
