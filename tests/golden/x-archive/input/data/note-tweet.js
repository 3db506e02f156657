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
  }
]
