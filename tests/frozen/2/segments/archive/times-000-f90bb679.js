fondsShard("times-000-f90bb679","iOwPRQAdBp/m2NIB4LDptQ6AowXArzfQmBaw+wwAAwIDBAMA");
