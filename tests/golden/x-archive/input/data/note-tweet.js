window.YTD.note_tweet.part0 = [
  {
    "noteTweet" : {
      "noteTweetId" : "9001",
      "createdAt" : "2024-05-03T09:00:00.000Z",
      "core" : {
        "styletags" : [ ],
        "urls" : [ ],
        "text" : "The log of the night: at ten the wind turned to the north, at eleven the bell buoy was lost, at midnight the ferry turned back. The whole story stands here & nowhere else, down to its last word.",
        "mentions" : [ ],
        "cashtags" : [ ],
        "hashtags" : [ ]
      }
    }
  },
  { "noteTweet" : { "noteTweetId" : "9003", "createdAt" : "2024-05-07T06:00:01.000Z", "core" : { "text" : "The harbour report of the day, in full, as the harbour master reads it out at eight in the morning on the quay: Tuesday, fog over the bar, three ships wait outside, the ferry stays in." } } },
  { "noteTweet" : { "noteTweetId" : "9002", "createdAt" : "2024-05-06T06:00:01.000Z", "core" : { "text" : "The harbour report of the day, in full, as the harbour master reads it out at eight in the morning on the quay: Monday, a calm sea &amp; a clear sky, two ships in, the ferry is on time." } } },
  { "noteTweet" : { "noteTweetId" : "9004", "createdAt" : "2024-05-08T06:00:01.000Z", "core" : { "text" : "The harbour report of the day, in full, as the harbour master reads it out at eight in the morning on the quay: Wednesday, and this post was deleted afterwards, for nothing in it was true." } } }
]
