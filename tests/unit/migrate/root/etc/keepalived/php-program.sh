#!/usr/bin/php
<?php exit(0);
