window.YTD.tweet.part0 = [ {
  "retweeted" : false,
  "source" : "<a href=\"http://twitter.com\" rel=\"nofollow\">Twitter Web Client</a>",
  "entities" : { "hashtags" : [ ], "symbols" : [ ], "user_mentions" : [ ], "urls" : [ ], "media" : [ { "url" : "https://t.co/old", "media_url" : "http://pbs.example/media/OLD.jpg", "type" : "photo" } ] },
  "id_str" : "11",
  "in_reply_to_status_id_str" : "10",
  "full_text" : "An old archive has no tweet around its posts https://t.co/old",
  "created_at" : "Wed Jan 04 23:59:59 +0000 2012",
  "lang" : "en"
} ]
