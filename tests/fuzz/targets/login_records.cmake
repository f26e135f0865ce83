daicho_fuzz(login_records SOURCES ${CMAKE_CURRENT_LIST_DIR}/../login_records_fuzz.cc DEPS daicho_sources)
