window.YTD.deleted_tweets.part0 = [
  { "tweet" : { "id_str" : "6", "full_text" : "taken back", "created_at" : "Mon Jan 01 10:00:00 +0000 2024", "deleted_at" : "2024-01-02T10:00:00.000Z" } }
]
