/**
 * Orbits of 64 bodies around eight kinds of centers, as comma-separated text: semi-major axis in km,
 * sidereal period in days, mass of the central body in kg. For satellites of a binary (Pluto and
 * Charon, Eris, Haumea) the central mass is that of the system.
 *
 * Sources, facts only: planets, JPL approximate mean elements [Standish1992] and the NASA planetary
 * fact sheets [Williams2024]; dwarf planets, JPL small-body database [JPLSBDB]; satellites, JPL
 * planetary satellite mean elements [JPLSatellites]; Pluto's satellites [ShowalterHamilton2015];
 * Hi'iaka [RagozzineBrown2009]; Dysnomia [HollerEtAl2021].
 */
export const planetsCsv = `body,kind,central_body,semi_major_axis_km,period_days,central_mass_kg
Mercury,planet,Sun,57909050,87.9691,1.98841e30
Venus,planet,Sun,108209475,224.701,1.98841e30
Earth,planet,Sun,149598023,365.256,1.98841e30
Mars,planet,Sun,227943822,686.98,1.98841e30
Jupiter,planet,Sun,778340821,4332.59,1.98841e30
Saturn,planet,Sun,1426666414,10759.22,1.98841e30
Uranus,planet,Sun,2870658171,30688.5,1.98841e30
Neptune,planet,Sun,4498396417,60189,1.98841e30
Ceres,dwarf planet,Sun,414010000,1681.6,1.98841e30
Pluto,dwarf planet,Sun,5906380000,90560,1.98841e30
Haumea,dwarf planet,Sun,6450060000,103410,1.98841e30
Makemake,dwarf planet,Sun,6796200000,111845,1.98841e30
Eris,dwarf planet,Sun,10152000000,204199,1.98841e30
Quaoar,dwarf planet,Sun,6536500000,105495,1.98841e30
Gonggong,dwarf planet,Sun,10095600000,202500,1.98841e30
Orcus,dwarf planet,Sun,5860300000,89557,1.98841e30
Moon,moon,Earth,384400,27.321661,5.9722e24
Phobos,moon,Mars,9376,0.31891,6.4169e23
Deimos,moon,Mars,23463.2,1.26244,6.4169e23
Metis,moon,Jupiter,128000,0.29478,1.89813e27
Adrastea,moon,Jupiter,129000,0.29826,1.89813e27
Amalthea,moon,Jupiter,181366,0.498179,1.89813e27
Thebe,moon,Jupiter,221889,0.6745,1.89813e27
Io,moon,Jupiter,421800,1.769138,1.89813e27
Europa,moon,Jupiter,671100,3.551181,1.89813e27
Ganymede,moon,Jupiter,1070400,7.154553,1.89813e27
Callisto,moon,Jupiter,1882700,16.689017,1.89813e27
Himalia,moon,Jupiter,11461000,250.56,1.89813e27
Elara,moon,Jupiter,11741000,259.64,1.89813e27
Pan,moon,Saturn,133584,0.57505,5.6832e26
Atlas,moon,Saturn,137670,0.60169,5.6832e26
Prometheus,moon,Saturn,139380,0.61299,5.6832e26
Pandora,moon,Saturn,141720,0.628504,5.6832e26
Epimetheus,moon,Saturn,151410,0.694333,5.6832e26
Janus,moon,Saturn,151460,0.69466,5.6832e26
Mimas,moon,Saturn,185539,0.942422,5.6832e26
Enceladus,moon,Saturn,237948,1.370218,5.6832e26
Tethys,moon,Saturn,294619,1.887802,5.6832e26
Dione,moon,Saturn,377396,2.736915,5.6832e26
Rhea,moon,Saturn,527108,4.518212,5.6832e26
Titan,moon,Saturn,1221870,15.945421,5.6832e26
Hyperion,moon,Saturn,1481010,21.27661,5.6832e26
Iapetus,moon,Saturn,3560820,79.3215,5.6832e26
Phoebe,moon,Saturn,12947780,550.56,5.6832e26
Puck,moon,Uranus,86010,0.761833,8.6811e25
Miranda,moon,Uranus,129900,1.413479,8.6811e25
Ariel,moon,Uranus,191020,2.520379,8.6811e25
Umbriel,moon,Uranus,266300,4.144177,8.6811e25
Titania,moon,Uranus,435910,8.705872,8.6811e25
Oberon,moon,Uranus,583520,13.463239,8.6811e25
Naiad,moon,Neptune,48227,0.294396,1.02409e26
Despina,moon,Neptune,52526,0.334655,1.02409e26
Galatea,moon,Neptune,61953,0.428745,1.02409e26
Larissa,moon,Neptune,73548,0.554654,1.02409e26
Proteus,moon,Neptune,117647,1.122315,1.02409e26
Triton,moon,Neptune,354759,5.876854,1.02409e26
Nereid,moon,Neptune,5513818,360.1362,1.02409e26
Charon,moon,Pluto system,19596,6.3872,1.4616e22
Styx,moon,Pluto system,42656,20.1616,1.4616e22
Nix,moon,Pluto system,48694,24.8546,1.4616e22
Kerberos,moon,Pluto system,57783,32.1676,1.4616e22
Hydra,moon,Pluto system,64738,38.2018,1.4616e22
Hi'iaka,moon,Haumea,49880,49.462,4.006e21
Dysnomia,moon,Eris system,37273,15.7859,1.6466e22
`;
