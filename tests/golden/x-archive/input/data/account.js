window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "keeper@harbour.example",
      "createdVia" : "web",
      "username" : "harbour_keeper",
      "accountId" : "77",
      "createdAt" : "2010-01-01T00:00:00.000Z",
      "accountDisplayName" : "The Harbour Keeper"
    }
  }
]
