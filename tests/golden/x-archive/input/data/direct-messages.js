window.YTD.direct_messages.part0 = [
  {
    "dmConversation" : {
      "conversationId" : "77-88",
      "messages" : [
        { "messageCreate" : { "recipientId" : "88", "text" : "nobody may read this", "senderId" : "77", "id" : "501", "createdAt" : "2024-01-01T10:00:00.000Z" } },
        { "messageCreate" : { "recipientId" : "77", "text" : "nor this", "senderId" : "88", "id" : "502", "createdAt" : "2024-01-01T10:01:00.000Z" } }
      ]
    }
  },
  { "dmConversation" { "messages" : [ { "messageCreate" : { "text" : "broken, and nobody may read it" } } ] } }
]
