window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : { "initial" : { "editTweetIds" : [ "101" ], "editableUntil" : "2019-03-19T16:46:29.000Z", "editsRemaining" : "5", "isEditEligible" : true } },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.example\" rel=\"nofollow\">A Phone &amp; a Half</a>",
      "entities" : {
        "hashtags" : [ { "text" : "harbour", "indices" : [ "0", "8" ] }, { "text" : "harbour_news", "indices" : [ "9", "22" ] } ],
        "symbols" : [ { "text" : "FISH", "indices" : [ "0", "5" ] } ],
        "user_mentions" : [ { "name" : "Pilot", "screen_name" : "Pilot_Station", "indices" : [ "23", "37" ], "id_str" : "88", "id" : "88" } ],
        "urls" : [ { "url" : "https://t.co/abc", "expanded_url" : "https://harbour.example/tides?a=1&b=2", "display_url" : "harbour.example/tides?a=1…", "indices" : [ "40", "56" ] } ],
        "media" : [ { "url" : "https://t.co/pic", "media_url_https" : "https://pbs.example/media/QUAY.jpg", "type" : "photo", "id_str" : "900" } ]
      },
      "display_text_range" : [ "0", "80" ],
      "favorite_count" : "12",
      "id_str" : "101",
      "truncated" : false,
      "retweet_count" : "3",
      "id" : "101",
      "possibly_sensitive" : false,
      "created_at" : "Tue Mar 19 15:46:29 +0000 2019",
      "favorited" : false,
      "full_text" : "Calm &amp; clear &lt;again&gt; 🌊 #harbour #harbour_news @pilot_station $FISH https://t.co/abc https://t.co/pic",
      "lang" : "en",
      "extended_entities" : {
        "media" : [
          { "url" : "https://t.co/pic", "media_url_https" : "https://pbs.example/media/QUAY.jpg", "type" : "photo", "id_str" : "900", "ext_alt_text" : "The quay at dawn" },
          { "url" : "https://t.co/pic", "media_url_https" : "https://pbs.example/ext/thumb.jpg", "type" : "video", "id_str" : "901",
            "video_info" : { "aspect_ratio" : [ "16", "9" ], "duration_millis" : "14500", "variants" : [
              { "content_type" : "application/x-mpegURL", "url" : "https://video.example/pl/a.m3u8" },
              { "bitrate" : "256000", "content_type" : "video/mp4", "url" : "https://video.example/vid/small.mp4?tag=1" },
              { "bitrate" : "832000", "content_type" : "video/mp4", "url" : "https://video.example/vid/large.mp4?tag=1" } ] } }
        ]
      }
    }
  },
  { "tweet" : { "id_str" : "103", "created_at" : "Tue Mar 19 15:50:00 +0000 2019", "full_text" : "And a second thought on that.", "in_reply_to_status_id_str" : "101", "in_reply_to_status_id" : "101", "in_reply_to_user_id" : "77", "in_reply_to_user_id_str" : "77", "in_reply_to_screen_name" : "harbour_keeper", "favorite_count" : "0", "retweet_count" : "0", "lang" : "en", "entities" : { "hashtags" : [ ], "symbols" : [ ], "user_mentions" : [ ], "urls" : [ ] } } },
  { "tweet" : { "id_str" : "104", "created_at" : "Wed Mar 20 08:00:00 +0000 2019", "full_text" : "@Pilot_Station Seen, thanks", "in_reply_to_status_id_str" : "5555", "in_reply_to_user_id" : "88", "in_reply_to_user_id_str" : "88", "in_reply_to_screen_name" : "Pilot_Station", "lang" : "en", "entities" : { "user_mentions" : [ { "screen_name" : "Pilot_Station", "name" : "Pilot" } ] } } },
  { "tweet" : { "id_str" : "105", "created_at" : "Thu Mar 21 08:00:00 +0000 2019", "full_text" : "RT @Pilot_Station: Fog on the river, all boats keep to the east side until the bell buoy is back in its place and the light on the mole is ag…", "retweet_count" : "40", "lang" : "en", "entities" : { "user_mentions" : [ { "screen_name" : "Pilot_Station", "name" : "Pilot", "id_str" : "88" } ], "urls" : [ ] } } },
  { "tweet" : { "id_str" : "106", "created_at" : "Fri Mar 22 08:00:00 +0000 2019", "full_text" : "Worth reading https://t.co/quo", "lang" : "en", "entities" : { "urls" : [ { "url" : "https://t.co/quo", "expanded_url" : "https://twitter.com/Pilot_Station/status/5555", "display_url" : "twitter.com/Pilot_Station/…" } ] } } },
  { "tweet" : { "id_str" : "120", "created_at" : "Mon May 06 06:00:00 +0000 2024", "full_text" : "The harbour report of the day, in full, as the harbour master reads it out at eight in the morning on the quay: … https://t.co/self", "lang" : "EN", "entities" : { "urls" : [ { "url" : "https://t.co/self", "expanded_url" : "https://twitter.com/i/web/status/120" } ] } } },
  { "tweet" : { "id_str" : "121", "created_at" : "Tue May 07 06:00:00 +0000 2024", "full_text" : "The harbour report of the day, in full, as the harbour master reads it out at eight in the morning on the quay: … https://t.co/self", "lang" : "EN", "entities" : { "urls" : [ { "url" : "https://t.co/self", "expanded_url" : "https://twitter.com/i/web/status/121" } ] } } },
  { "tweet" : { "id_str" : "107", "created_at" : "Fri May 03 09:00:00 +0000 2024", "full_text" : "The log of the night: at ten the wind turned to the north, at eleven the bell buoy was lost, at midnight the ferry turned back. The whole story stands here &amp; nowhere… https://t.co/self", "lang" : "en", "entities" : { "urls" : [ { "url" : "https://t.co/self", "expanded_url" : "https://twitter.com/i/web/status/107" } ] } } },
  { "tweet" : { "id_str" : "109", "created_at" : "Fri May 03 10:00:00 +0000 2024", "full_text" : "Bouy, buoy", "edit_info" : { "edit" : { "initialTweetId" : "108", "editControlInitial" : { "editTweetIds" : [ "108", "109" ], "editsRemaining" : "4" } } }, "lang" : "und" } },
  { "tweet" : { "full_text" : "a post without an id" } },
  7
]
